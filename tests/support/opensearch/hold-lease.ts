/** Program: leases a node of the pool at the port in the first argument, prints its URL, and runs until it is killed. */
import { leaseFrom } from "./lease.ts";

const lease = await leaseFrom(Number(process.argv[2]));
console.log(lease.url);
