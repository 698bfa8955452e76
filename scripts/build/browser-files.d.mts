export const browserModule: string;
export function builtBrowserFiles(): { code: string; files: string[] };
