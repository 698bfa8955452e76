export const scriptModule: string;
export function builtWorkerScript(
  sources: string,
  ending: 'js' | 'ts',
): { code: string; files: string[] };
