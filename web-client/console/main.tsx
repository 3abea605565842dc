/** Entry point of the console. */
import { render } from "preact";
import { signInFromUrl } from "./api/reader-token.ts";
import { Console } from "./console.tsx";
import "./console.css";

signInFromUrl();
const root = document.getElementById("console");
if (root === null) throw new TypeError('The page has no element with id "console".');
render(<Console />, root);
