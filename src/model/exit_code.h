#pragma once
/* exit_code: how a command ends, the same for every command. Scripts rely on these numbers. */

enum exit_code {
	EXIT_DONE = 0,
	/* sync, health; a deleted member, more than expected; 403 after something was accepted; of
	 * an audit: a release out of order */
	EXIT_FAILED = 1,
	/* usage, configuration, empty selection, refused or unsupported members */
	EXIT_USAGE = 2,
	EXIT_WAITING = 3, /* paused, or people are asked; for who does not stay to watch */
	EXIT_DENIED = 4,  /* 401, or 403 before anything was accepted */
	EXIT_TIMEOUT = 5,
	EXIT_TERMINATED = 6,
	EXIT_SUPERSEDED = 7, /* the revision moved on under us */
	EXIT_PARTLY = 8,     /* completed, but for what somebody skipped */
	EXIT_CONFLICT = 9,   /* another run at another revision */
	EXIT_INTERNAL = 70,
	EXIT_TRY_AGAIN = 75, /* server unreachable, an answer that is not Argo CD's */
	EXIT_SIGINT = 130,
	EXIT_SIGTERM = 143,
};
