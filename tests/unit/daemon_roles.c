/* tests/unit/daemon_roles.c - Which role somebody has: the highest of all that fit; and whom rules name. */
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/daemon/protocol/commands.h"

enum { OWN = 500, ALICE = 1000, BOB = 1001, STAFF = 2000, NIGHT = 2001 };

static const struct role_rule rules[] = {
    {ROLE_MONITOR, true, STAFF, 0},
    {ROLE_OPERATOR, true, NIGHT, 0},
    {ROLE_ADMIN, false, ALICE, 0},
};

static enum role role(uid_t peer, const gid_t *groups, size_t count)
{
    return role_of(rules, sizeof rules / sizeof *rules, OWN, peer, groups, count);
}

Test(daemon_roles, root_and_the_daemon_s_own_user_may_everything, .timeout = 10)
{
    cr_expect_eq(role_of(NULL, 0, OWN, 0, NULL, 0), ROLE_ADMIN);
    cr_expect_eq(role_of(NULL, 0, OWN, OWN, NULL, 0), ROLE_ADMIN);
    cr_expect_eq(role_of(NULL, 0, OWN, BOB, (const gid_t[]){0}, 1), ROLE_NONE, "root's group is not root");
}

Test(daemon_roles, of_several_groups_the_highest_role_counts, .timeout = 10)
{
    cr_expect_eq(role(BOB, (const gid_t[]){STAFF}, 1), ROLE_MONITOR);
    cr_expect_eq(role(BOB, (const gid_t[]){STAFF, NIGHT}, 2), ROLE_OPERATOR);
    cr_expect_eq(role(BOB, (const gid_t[]){NIGHT, STAFF}, 2), ROLE_OPERATOR);
    cr_expect_eq(role(ALICE, (const gid_t[]){STAFF}, 1), ROLE_ADMIN);
    cr_expect_eq(role(BOB, (const gid_t[]){ALICE}, 1), ROLE_NONE, "a group's number is no user's");
    cr_expect_eq(role(STAFF, NULL, 0), ROLE_NONE, "nor the other way round");
}

Test(daemon_roles, who_has_a_role_that_sites_name_may_look_and_no_more, .timeout = 10)
{
    static const struct role_rule edits[] = {
        {ROLE_MONITOR, true, STAFF, 1}, {ROLE_MONITOR, false, BOB, 2}, {ROLE_ADMIN, false, ALICE, 0}};
    cr_expect_eq(role_edits(edits, 3, BOB, (const gid_t[]){STAFF}, 1), 3);
    cr_expect_eq(role_edits(edits, 3, ALICE, (const gid_t[]){STAFF}, 1), 1);
    cr_expect_eq(role_edits(edits, 3, ALICE, NULL, 0), 0);
    cr_expect_eq(role_of(edits, 3, OWN, BOB, NULL, 0), ROLE_MONITOR);
}

Test(daemon_roles, rules_name_users_and_groups_by_name_or_number, .timeout = 10)
{
    struct role_rule rule;
    struct error error = {0};
    cr_expect(role_rule_read("root", ROLE_ADMIN, &rule, &error) && rule.id == 0 && !rule.group);
    cr_expect(role_rule_read("group:root", ROLE_MONITOR, &rule, &error) && rule.id == 0 && rule.group);
    cr_expect(role_rule_read("group:1234", ROLE_MONITOR, &rule, &error) && rule.id == 1234 && rule.group);
    cr_expect_not(role_rule_read("no-such-user", ROLE_ADMIN, &rule, &error));
    cr_expect_not(role_rule_read("group:no-such", ROLE_ADMIN, &rule, &error));
    cr_expect_not(role_rule_read("group:", ROLE_ADMIN, &rule, &error));
    cr_expect_not(role_rule_read("", ROLE_ADMIN, &rule, &error));
    cr_expect_not(role_rule_read("4294967295", ROLE_ADMIN, &rule, &error), "(uid_t)-1 is nobody");
    cr_expect_not(role_rule_read("99999999999999999999", ROLE_ADMIN, &rule, &error));
}

Test(daemon_roles, the_kernel_says_who_the_peer_is, .timeout = 10)
{
    struct peer peer;
    int ends[2], file[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    peer = peer_of(ends[0], NULL, 0);
    cr_expect_eq(peer.uid, geteuid());
    cr_expect_eq(peer.role, ROLE_ADMIN);
    cr_assert_eq(pipe(file), 0);
    cr_expect_eq(peer_of(file[0], NULL, 0).role, ROLE_NONE, "what is no socket has no peer");
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(file[i]);
    }
}

Test(daemon_roles, every_command_is_in_order, .timeout = 10)
{
    for (unsigned id = 0; id < COMMANDS; id++) {
        const struct command *command = command_at((enum command_id)id);
        const struct command_argument *row;
        bool options = false, last = false;
        cr_expect_eq(command_id_named(command->name), (enum command_id)id, "%s stands twice", command->name);
        cr_expect(command->role > ROLE_NONE && command->doc[0] != '\0', "%s", command->name);
        row = command_argument((enum command_id)id, 0);
        bool by_site = row && row->type == ARGUMENT_SETTING; /* the site names the role */
        cr_expect(command->kind != COMMAND_ACT || by_site || command->role >= ROLE_OPERATOR, "%s changes something",
                  command->name);
        for (size_t i = 0; (row = command_argument((enum command_id)id, i)); i++) {
            cr_expect_not(last && row->need != NEED_OPTION, "%s: behind an argument that takes the rest",
                          command->name);
            cr_expect(!options || row->need == NEED_OPTION, "%s: an argument behind its options", command->name);
            options = row->need == NEED_OPTION;
            last = row->need == NEED_SOME || row->need == NEED_ANY;
        }
    }
}
