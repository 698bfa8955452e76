export async function writeReport(_out: string): Promise<void> {}
