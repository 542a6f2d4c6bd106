/** The supervisor's side of execution: environments, the hosts they run in, and the watch over those. */

export { Fleet, type FleetOptions } from "./fleet.ts";
export { GuestFolders } from "./guest-folders.ts";
export { Inspections } from "./inspections.ts";
