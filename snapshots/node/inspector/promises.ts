import inspector from "node:inspector";

export default inspector;
