import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Two ports where a database might be: one refuses connections, one takes them and is silent. */
export interface DeadServers {
  readonly refusing: number;
  readonly hanging: number;
  close(): void;
}

export async function startDeadServers(): Promise<DeadServers> {
  const sockets = new Set<Socket>();
  const hanging = createServer((socket) => {
    sockets.add(socket.resume());
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const gone = createServer();
  const ports = [await listen(gone), await listen(hanging)] as const;
  gone.close();
  await once(gone, 'close');
  return {
    refusing: ports[0],
    hanging: ports[1],
    close() {
      hanging.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
