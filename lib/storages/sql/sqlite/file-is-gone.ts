/** The code of an error that says that there is no file to read. */
export const FILE_IS_GONE = 'TRACK_USAGE_FILE_IS_GONE';
