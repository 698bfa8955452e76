import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const GZIP = [0x1f, 0x8b];
const OTHERS: Readonly<Record<string, string>> = {
  '28b52ffd': 'zstd',
  '425a6839': 'bzip2',
  fd377a58: 'xz',
  '504b0304': 'zip',
};

/**
 * The bytes of a log, unpacked if it is gzipped, whatever its name.
 *
 * @throws {Error} if the file cannot be read, or is packed by something else.
 */
export async function openLog(path: string): Promise<Readable> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return unpacked(createReadStream(path), buffer.subarray(0, bytesRead), path);
  } finally {
    await file.close();
  }
}

/** The bytes of standard input, unpacked if they are gzipped. */
export async function openInput(input: Readable): Promise<Readable> {
  const copy = new PassThrough();
  input.pipe(copy);
  input.on('error', (error) => copy.destroy(error));
  const first = await firstBytes(copy);
  return unpacked(copy, first, 'standard input');
}

function unpacked(stream: Readable, first: Buffer, name: string): Readable {
  if (first[0] === GZIP[0] && first[1] === GZIP[1]) {
    const gunzip = createGunzip();
    stream.on('error', (error) => gunzip.destroy(error));
    return stream.pipe(gunzip);
  }
  const packer = OTHERS[first.subarray(0, 4).toString('hex')];
  if (packer === undefined) return stream;
  stream.destroy();
  throw new Error(
    `${name}: expected plain text or gzip, but it is packed by ${packer}. Unpack it.`,
  );
}

function firstBytes(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = () => {
      stream.off('readable', look).off('end', look).off('error', reject);
    };
    const look = () => {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null && !stream.readableEnded) return;
      done();
      if (chunk !== null) stream.unshift(chunk);
      resolve(chunk ?? Buffer.alloc(0));
    };
    stream.on('readable', look).on('end', look).on('error', reject);
  });
}
