/* runtime/daemon/protocol/roles.h - Roles at the admin socket: what a peer may do, by the credentials that the
 * kernel reports.
 *
 * Root and the daemon's own user may do everything. Rules of the configuration let others in: each rule names a
 * user, or a group that the peer's process has as its own or as a supplementary one. If several rules match, the
 * highest role counts. Owns nothing; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum role {
    ROLE_NONE,
    ROLE_MONITOR,  /* sees everything except what is attached to interactions */
    ROLE_OPERATOR, /* sees everything, ends interactions, logs agents out */
    ROLE_ADMIN,    /* loads, activates, drains */
};

struct role_rule {
    enum role role;
    bool group;
    unsigned id;   /* number of the user or group */
    unsigned edit; /* number of a role that sites name in `edit`: its place in the configuration, from 1; 0: none */
};

enum { ROLE_NAME = 64, ROLE_GROUPS_MAX = 65536, ROLE_EDITS_MAX = 64 };

struct peer {
    uid_t uid;
    pid_t pid;
    enum role role;
    uint64_t edits;       /* bit N: the peer has the role whose rules have `edit` N + 1 */
    char name[ROLE_NAME]; /* "alice(1000)"; "uid:1000" if the machine's own list of users has no name */
};

/* Reads a rule, such as "alice", "1000", "group:gcx-admin", "group:1000". False: there is no such user or group. */
bool role_rule_read(const char *text, enum role, struct role_rule *, struct error *);
enum role role_of(const struct role_rule *, size_t count, uid_t own, uid_t peer, const gid_t *groups,
                  size_t group_count);
/* Returns the `edit` roles whose rules fit the peer, as bits. */
uint64_t role_edits(const struct role_rule *rules, size_t count, uid_t peer, const gid_t *groups, size_t group_count);
/* Finds the peer at the other end of a Unix socket and its role, by SO_PEERCRED and SO_PEERGROUPS. */
struct peer peer_of(int fd, const struct role_rule *, size_t count);
const char *role_name(enum role);
