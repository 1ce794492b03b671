/* runtime/daemon/check/check_state.h - Shared by the files of the room check/; no other file includes it.
 *
 * A `struct checking` is what has been found so far. */
#pragma once

#include "runtime/adapter/look.h"
#include "runtime/daemon/check/check.h"

struct taken { /* something that only one can have: "tcp 127.0.0.1:5060" */
    char *thing, *whose;
};

struct checking {
    const struct conf *conf;
    bool failed;
    char **said; /* each sentence is said once */
    size_t said_count, warnings;
    struct look_names names; /* of the site */
    struct taken *taken;
    size_t taken_count;
    char *outside; /* who would have to be asked for more, with commas between; NULL: nobody */
};

/* check.c */
/* Says a sentence; a warning with that word before it. */
void checking_say(struct checking *, int level, const char *text);
/* Says it with the configuration's file and that line before it; 0: with the file alone. */
void checking_say_at(struct checking *, int level, int line, const char *text);
/* A row of checks.def, at that line of the configuration; 0: of no line. */
void checking_tell(struct checking *, enum look_check, int line, const char *const *words);
/* Somebody outside is needed, and was not asked. */
void checking_outside(struct checking *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* check_files.c: the state folder, the key, what gcxvm itself opens. */
void checking_files(struct checking *);
/* What is wrong in a database or URL that somebody adds: the check that fails, with its words; CHECKS: nothing. */
enum look_check checking_added(const char *kind, const char *name, const char *of, char finding[LOOK_TEXT]);
/* `whose` has it alone, as line `line` of the configuration says. */
void checking_takes(struct checking *, int line, const char *whose, const char *thing);
/* check_plugins.c: asks each adapter's plugin about its settings; `site`: and about the site. */
void checking_plugins(struct checking *, bool site);
/* check_contract.c: has the site an adapter for each thing that its directory wants? */
void checking_contract(struct checking *);
/* check_stores.c: have the adapters one contact store, and one place of calling lists? Does the dialer ask it? */
void checking_stores(struct checking *);
/* check_sources.c: names the servers that the configuration needs. */
void checking_servers(struct checking *);
/* Would the source's database take the statement? */
void checking_write(struct checking *, const char *source, const char *statement, const char *where);
void checking_statement(struct checking *, const char *source, const char *statement, const char *where);
