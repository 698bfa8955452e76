import { mysqlServer } from './mysql-server.js';

export const database = mysqlServer('MariaDB', 'TRACK_USAGE_TEST_MARIADB_URL');
