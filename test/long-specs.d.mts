export declare const LONG_SPECS: readonly string[];
