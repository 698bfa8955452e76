declare module 'swagger-stats' {
  const swaggerStats: {
    getMiddleware(options: object): (...args: unknown[]) => void;
    getCoreStats(): unknown;
  };
  export default swaggerStats;
}
