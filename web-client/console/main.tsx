/** Entry point of the console. */
import { render } from "preact";
import { watchSignIn } from "./api/reader-token.ts";
import { Console } from "./console.tsx";
import "./console.css";

watchSignIn();
const root = document.getElementById("console");
if (root === null) throw new TypeError('The page has no element with id "console".');
render(<Console />, root);
