/** Key in localStorage of the session: its id, followed by the time of its last activity. */
export const SESSION_KEY = "edgelog.session";
