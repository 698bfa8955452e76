const explode = () => {
  throw new Error('looked at');
};

const everyTrap = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((trap) => [trap, explode]),
);

/** What code can throw that is no Error, or one that must not be looked at. */
export const THROWN: readonly { name: string; make: () => unknown }[] = [
  { name: 'undefined', make: () => undefined },
  { name: 'null', make: () => null },
  { name: 'a string', make: () => 'no disk' },
  { name: 'a symbol', make: () => Symbol('no disk') },
  { name: 'a frozen object', make: () => Object.freeze({ code: 'EDISK' }) },
  { name: 'an object without a prototype', make: () => Object.create(null) as unknown },
  { name: 'an object whose toString throws', make: () => ({ toString: explode }) },
  { name: 'a proxy that throws', make: () => new Proxy({}, everyTrap) },
  { name: 'a proxy of an error that throws', make: () => new Proxy(new Error('x'), everyTrap) },
  { name: 'an error without a message', make: () => new Error() },
  {
    name: 'an error whose message is no text',
    make: () => Object.assign(new Error(), { message: Symbol('x') }),
  },
  {
    name: 'an error whose fields throw',
    make: () =>
      Object.defineProperties(new Error('x'), {
        code: { get: explode },
        cause: { get: explode },
        name: { get: explode },
      }),
  },
  {
    name: 'errors that cause each other',
    make() {
      const first = new Error('first');
      const second = new Error('second', { cause: first });
      return Object.assign(first, { cause: second });
    },
  },
];
