/* runtime/daemon/protocol/roles.c - Compares the rules of the configuration with the credentials of a peer.
 *
 * The kernel tells which user and which groups the process at the other end of a socket has. Nothing that the peer
 * itself sends counts here. Several rules may fit one peer, and the highest of their roles counts:
 *
 *     monitor = group:staff, operator = 1004      peer: uid 1004, groups staff, users
 *     fits    -> monitor     fits -> operator     role: operator
 *
 * Root and the user of the daemon are administrators without any rule. */
#include "runtime/daemon/protocol/roles.h"

#include <assert.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

static const char group_prefix[] = "group:";

/* Reads the peer of a rule: "alice", "1004", "group:staff" or "group:50". Names are looked up once, at the start: a
 * rule for a user who does not exist is an error, and not a rule that never fits. */
bool role_rule_read(const char *text, enum role role, struct role_rule *rule, struct error *error)
{
    assert(text && rule);
    bool group = strncmp(text, group_prefix, sizeof group_prefix - 1) == 0;
    const char *name = group ? text + sizeof group_prefix - 1 : text;
    const struct passwd *user;
    const struct group *members;
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    *rule = (struct role_rule){.role = role, .group = group, .id = (unsigned)number};
    if (name[0] >= '0' && name[0] <= '9' && *end == '\0' && number < UINT32_MAX) return true;
    if (group) {
        members = getgrnam(name);
        if (members) rule->id = members->gr_gid;
        if (members) return true;
    } else {
        user = getpwnam(name);
        if (user) rule->id = user->pw_uid;
        if (user) return true;
    }
    return error_set(error, ERROR_UNKNOWN, "there is no %s \"%.64s\" on this machine", group ? "group" : "user", name);
}

static bool rule_fits(const struct role_rule *rule, uid_t peer, const gid_t *groups, size_t group_count)
{
    bool fits = !rule->group && rule->id == peer;
    for (size_t k = 0; rule->group && !fits && k < group_count; k++) fits = rule->id == groups[k];
    return fits;
}

/* Returns one bit for each role that a site names in `edit`: the first of the configuration is bit 0. An `edit` role is
 * separate from monitor, operator and admin, and none of these includes it. */
uint64_t role_edits(const struct role_rule *rules, size_t count, uid_t peer, const gid_t *groups, size_t group_count)
{
    assert((rules || count == 0) && (groups || group_count == 0));
    uint64_t edits = 0;
    for (size_t i = 0; i < count; i++)
        if (rules[i].edit != 0 && rules[i].edit <= ROLE_EDITS_MAX && rule_fits(&rules[i], peer, groups, group_count))
            edits |= UINT64_C(1) << (rules[i].edit - 1);
    return edits;
}

enum role role_of(const struct role_rule *rules, size_t count, uid_t own, uid_t peer, const gid_t *groups,
                  size_t group_count)
{
    assert((rules || count == 0) && (groups || group_count == 0));
    enum role role = peer == 0 || peer == own ? ROLE_ADMIN : ROLE_NONE;
    for (size_t i = 0; i < count; i++)
        if (rules[i].role > role && rule_fits(&rules[i], peer, groups, group_count)) role = rules[i].role;
    return role;
}

/* Finds a user's name in the local file of users: a directory service that does not answer must not hold up the
 * daemon. */
static void name_fill(struct peer *peer)
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *user;
    snprintf(peer->name, sizeof peer->name, "uid:%u", (unsigned)peer->uid);
    if (!file) return;
    while ((user = fgetpwent(file))) {
        if (user->pw_uid != peer->uid) continue;
        snprintf(peer->name, sizeof peer->name, "%.32s(%u)", user->pw_name, (unsigned)peer->uid);
        break;
    }
    fclose(file);
    bytes_clean_utf8(peer->name); /* the name may have been cut, and becomes part of JSON */
}

/* Returns the peer's supplementary groups, and after them its own; malloc'ed. For a peer with more groups than
 * ROLE_GROUPS_MAX only its own group counts. */
static gid_t *peer_groups(int fd, gid_t own, size_t *count)
{
    socklen_t length = 0;
    gid_t *groups;
    *count = 0;
    /* without a buffer, this call tells how long the list of groups is */
    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &length);
    if (length > ROLE_GROUPS_MAX * sizeof *groups) length = 0;
    groups = memory_zeroed(length / sizeof *groups + 1, sizeof *groups);
    if (length > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == 0) *count = length / sizeof *groups;
    groups[(*count)++] = own;
    return groups;
}

/* If the kernel does not tell who the peer is, the peer has no role. */
struct peer peer_of(int fd, const struct role_rule *rules, size_t count)
{
    struct ucred credentials = {.uid = (uid_t)-1};
    socklen_t length = sizeof credentials;
    struct peer peer = {.uid = (uid_t)-1, .name = "nobody known"};
    gid_t *groups;
    size_t group_count;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || credentials.uid == (uid_t)-1)
        return peer;
    peer.uid = credentials.uid;
    peer.pid = credentials.pid;
    groups = peer_groups(fd, credentials.gid, &group_count);
    peer.role = role_of(rules, count, geteuid(), peer.uid, groups, group_count);
    peer.edits = role_edits(rules, count, peer.uid, groups, group_count);
    free(groups);
    name_fill(&peer);
    return peer;
}

const char *role_name(enum role role)
{
    assert(role <= ROLE_ADMIN);
    static const char *const names[] = {"nobody", "monitor", "operator", "admin"};
    return names[role];
}
