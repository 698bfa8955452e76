/** An error that the server tells of in an answer which is otherwise good. */
export function serverErrorOf({ code, errmsg }: { code?: number; errmsg?: string }): Error {
  const error = new Error(errmsg ?? `The server answered with the error ${code}.`);
  return Object.assign(error, { name: 'MongoServerError', code });
}
