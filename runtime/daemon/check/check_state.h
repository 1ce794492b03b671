/* runtime/daemon/check/check_state.h - Shared by the files of the folder check/; no other file includes it.
 *
 * A `struct checking` has everything that was found so far. */
#pragma once

#include "runtime/adapter/look.h"
#include "runtime/daemon/check/check.h"

struct taken { /* a thing that only one can use, such as "tcp 127.0.0.1:5060", and its user */
    char *thing, *whose;
};

struct checking {
    const struct conf *conf;
    bool failed;
    char **said; /* sentences already printed: each is printed once */
    size_t said_count, warnings;
    struct look_names names; /* the site's names, about which the plugins are asked */
    struct taken *taken;
    size_t taken_count;
    char *outside; /* systems outside that were not contacted, with commas between; NULL: none */
};

/* check.c */
/* Prints a finding; a warning begins with the word for its level. */
void checking_say(struct checking *, int level, const char *text);
/* Prints a finding after the configuration's file and this line; 0: after the file alone. */
void checking_say_at(struct checking *, int level, int line, const char *text);
/* Prints the finding of a row of checks.def for this line of the configuration; 0: for no line. */
void checking_tell(struct checking *, enum look_check, int line, const char *const *words);
/* Notes a system outside that the site needs and that was not contacted. */
void checking_outside(struct checking *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* check_files.c: checks the state folder, the key, and what gcxvm itself opens. */
void checking_files(struct checking *);
/* Checks a database or URL that somebody wants to add: returns the check that fails, with its words in `finding`;
 * CHECKS: none fails. */
enum look_check checking_added(const char *kind, const char *name, const char *of, char finding[LOOK_TEXT]);
/* Notes that `whose` needs the thing alone, as this line of the configuration says, and complains if another needs
 * it, too. */
void checking_takes(struct checking *, int line, const char *whose, const char *thing);
/* check_plugins.c: asks each adapter's plugin about its settings and, if `site` is true, about the site. */
void checking_plugins(struct checking *, bool site);
/* check_contract.c: checks that the site has an adapter for everything that its directory needs. */
void checking_contract(struct checking *);
/* check_stores.c: checks that the adapters have one contact store, and one place of calling lists. Also checks that
 * the dialer asks that store. */
void checking_stores(struct checking *);
/* check_sources.c: lists the servers that the configuration needs. */
void checking_servers(struct checking *);
/* Report a statement that the source's database would not accept. */
void checking_write(struct checking *, const char *source, const char *statement, const char *where);
void checking_statement(struct checking *, const char *source, const char *statement, const char *where);
