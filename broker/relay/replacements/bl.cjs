/** Replaces the package `bl` in the bundle. Only the parser of mqtt-packet uses it. */
"use strict";

const { ByteList } = require("./byte-list.ts");

module.exports = () => new ByteList();
