import { Server, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** How long a connection may be silent while the application closes. */
const SILENCE_MS = 250;

/**
 * The connections on which no client has sent anything yet. Browsers that show a page open some in
 * advance. Node takes them for requests that are under way: a server that closes waits for them until
 * the browser gives them up after a minute.
 */
export class UnusedConnections {
  private readonly open = new Set<Socket>();
  private isClosed = false;

  /** Watches the connections of a server from now on. Nothing if it is no server of Node. */
  watch(server: unknown): void {
    if (!(server instanceof Server)) return;
    // The bytes of a connection with TLS begin with those of its handshake.
    const event = server instanceof TlsServer ? 'secureConnection' : 'connection';
    server.on(event, (socket: Socket) => {
      if (this.isClosed) return endIfUnused(socket);
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /** Ends them, and those that still come. A request that is on its way gets the time to arrive. */
  end(): void {
    this.isClosed = true;
    for (const socket of this.open) endIfUnused(socket);
  }
}

function endIfUnused(socket: Socket): void {
  const isUnused = () => socket.bytesRead === 0;
  if (isUnused()) setTimeout(() => isUnused() && socket.destroy(), SILENCE_MS).unref();
}
