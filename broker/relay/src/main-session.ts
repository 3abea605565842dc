/** Name of the session whose client id is RELAY_CLIENT_ID. It cannot be the name of a user. */
export const MAIN_SESSION = "_main";
