import { MemoryStorage } from 'nestjs-track-usage';
import { HOOKS } from './places.js';

// What `--options` loads: the options of the application whose data the specs look at.
export default { storages: [new MemoryStorage({ hooks: HOOKS })] };
