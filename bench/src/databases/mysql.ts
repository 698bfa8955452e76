import { mysqlServer } from './mysql-server.js';

export const database = mysqlServer('MySQL', 'TRACK_USAGE_TEST_MYSQL_URL');
