/** Node's permissions are those of a process: here nothing is asked of them. What a function may do is the host's to say. */
export const isEnabled = (): boolean => false;
export const has = (): boolean => true;
