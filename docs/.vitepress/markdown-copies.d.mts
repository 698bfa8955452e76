export declare function withFiles(page: string): string;
