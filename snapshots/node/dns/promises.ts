import dns from "node:dns";

export default (dns as { promises: object }).promises;
