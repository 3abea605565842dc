/** The console's entry. */
import { render } from "preact";
import { takeTokenFromAddress } from "./api/reader-token.ts";
import { Console } from "./console.tsx";
import "./console.css";

takeTokenFromAddress();
const root = document.getElementById("console");
if (root === null) throw new TypeError("The page lacks #console.");
render(<Console />, root);
