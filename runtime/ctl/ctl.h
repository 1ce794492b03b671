/* runtime/ctl/ctl.h - gcxctl's parts: a connection, the command line, completion, and commands that go on.
 *
 * Owns the connection to one gcxvm, on which one request at a time is under way. gcxctl knows of the daemon only
 * what runtime/daemon/protocol has. One thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"

enum ctl_exit {
#define EXIT(name, number, doc) CTL_##name = number,
#include "runtime/ctl/exits.def"
#undef EXIT
};

/* The rows of options.def: gcxctl's own options, and where each may be written. */
enum own_where { OWN_ANY, OWN_ACTS, OWN_SHELL };
enum own_id {
#define OPTION(id, name, word, where, doc) OWN_##id,
#include "runtime/ctl/options.def"
#undef OPTION
    OWN_COUNT
};
struct own_option {
    const char *name, *word, *doc; /* `word` empty: it takes no value */
    enum own_where where;
};
extern const struct own_option own_options[OWN_COUNT]; /* help.c */

/* A gcxvm at the other end. Zero but for path and timeout before its first use; connects when asked, and again when it
 * was lost. */
struct ctl {
    const char *path;
    unsigned timeout_s;
    FILE *stream;
    bool quiet;   /* says nothing of what goes wrong */
    bool patient; /* the request may take long: it is waited for as long as gcxvm answers others */
    bool strict;  /* the user gave the timeout: no request is waited for longer */
};

/* Sends the request, whose reference it takes, and returns the answer if it is ok. Else NULL: standard error says what
 * is wrong and what to do, and `*result` is the exit code for gcxctl. */
json_t *ctl_ask(struct ctl *, json_t *request, enum ctl_exit *result);
/* As ctl_ask(), for a command whose answers are pages: joins the rows in the member `list`, at most `limit` (0:
 * all). */
json_t *ctl_ask_all(struct ctl *, json_t *request, const char *list, unsigned long limit, enum ctl_exit *result);
void ctl_close(struct ctl *);

/* A command as it was given. */
struct ctl_line {
    enum command_id command;
    json_t *request;     /* the request for gcxvm: the command's name and members */
    unsigned long limit; /* rows of a list at most; 0: all */
    bool json, follow, batch, check, all, folded, lcov;
    unsigned by;         /* the count by which a profile is ordered (vm/profile.h) */
    unsigned long lines; /* lines of the profile that are shown; 0: all that gcxvm tells */
    double watch_s;      /* seconds between two rounds; 0: the command is asked once */
    unsigned long rounds, delay_s;
    const char *journal; /* file of a configuration whose journal is asked; NULL: the running gcxvm is asked */
};

/* Completes the last of a shell's words, which is unfinished: prints each word that may stand there on a line, with a
 * tab and its meaning. */
void ctl_complete(struct ctl *, int count, char **words);
void ctl_help(void);
void ctl_help_of(enum command_id);

/* follow.c, top.c: until it has ended, or forever. */
enum ctl_exit ctl_follow(struct ctl *, const struct ctl_line *);
enum ctl_exit ctl_top(struct ctl *, const struct ctl_line *);
/* past.c: the answer to the request from the journal of the gcxvm whose configuration is `file`; as ctl_ask. */
json_t *ctl_past(const char *file, const json_t *request, enum ctl_exit *result);
/* past.c: becomes the gcxvm that erases; returns where that cannot be started. */
enum ctl_exit ctl_erase(const struct ctl_line *);
enum ctl_exit ctl_restore(const struct ctl_line *);
/* past.c: has the gcxvm beside this program say what it would carry over. */
enum ctl_exit ctl_upgrade(const struct ctl_line *);
/* campaign.c: waits until the list of a campaign that was loaded or started has answered, and says what is wrong. */
enum ctl_exit ctl_await_list(struct ctl *, const struct ctl_line *);
/* profile.c: has gcxvm count for as long as the request says; all rows, as ctl_ask. */
json_t *ctl_profile(struct ctl *, const json_t *request, enum ctl_exit *result);
void ctl_show_profile(const struct ctl_line *, const json_t *answer);
/* export.c: writes the directory in force. */
enum ctl_exit ctl_export(struct ctl *, const struct ctl_line *);
