/** Rejects with this when something takes too long; its code is the one that sockets have for it. */
export class TooLate extends Error {
  readonly code = 'ETIMEDOUT';
}

/** The promise's value. @throws TooLate after `ms` */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TooLate(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
