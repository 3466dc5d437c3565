#pragma once
/*
 * junit: a promotion as JUnit's XML, for the CI systems that show such reports.
 *
 * A stage is a testsuite, an application a testcase. One that failed or was refused has a failure:
 * its type is the cause's name (model/cause.def), its text the cause, the next step and the link.
 * One that was asked for a sync twice, or possibly twice, says so in its system-out.
 * Who is not done and did not fail is skipped: left out, skipped by somebody, or still to come. A
 * gate is a testcase, too ("gate"), else a promotion that people rejected would seem to be well;
 * and one that ended for no application's fault has a testsuite "run" with an error.
 *
 * Properties of each testsuite: run, application, project, revision, submitter. Times are those of
 * the records (view/story.h); without any there are none. A testsuite's is that of the stage, its
 * soak included; how long people took is the time of the gate's testcase alone.
 */
#include "base/buf.h"
#include "model/overview.h"

enum {
	/* What it takes at most, and what each application adds to that. */
	JUNIT_BYTES_MAX = 1024 * 1024,
	JUNIT_APP_BYTES_MAX = 64 * 1024,
};

/* Appends a whole document; nothing if that does not fit, and then `out` has overflowed. */
void junit_write(const struct overview *overview, const struct record *records, size_t count,
		 struct buf *out);
