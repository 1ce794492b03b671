/* tests/unit/cti_users.c - The file of users; addresses and their failures; limits; what a client may before and after
 * it has said who it is. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/cti/hosts.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/users.h"
#include "tests/unit/tserver_rig.h"

TestSuite(cti_users, .timeout = 30);

#define HASH                                                                                                           \
    "$argon2id$v=19$m=65536,t=2,p=1$B6Hwn3c72T+U7Qz5POudvA$"                                                           \
    "WhfRWFXl0EowsCAi3W/tedcmX9zUXtiqLGdHX1SO8Xk"

static struct users *users_from(const char *text, char *why, size_t why_size)
{
    char path[] = "/tmp/gcx-users-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    struct users *users = users_read(path, why, why_size);
    unlink(path);
    return users;
}

Test(cti_users, a_file_is_read_whole)
{
    char why[512] = "";
    struct users *users = users_from("# people\n\n  marie agent dn=7001,7005 group=sales password=" HASH "\r\n"
                                     "anne\tsupervisor group=sales,help certificate=anne.example.org agent=a\n"
                                     "board monitor dn=70* data",
                                     why, sizeof why);
    cr_assert_not_null(users, "%s", why);
    const struct user *marie = users_find(users, "marie"), *anne = users_find(users, "anne");
    cr_assert(marie->role == ROLE_agent && anne->role == ROLE_supervisor);
    cr_assert_str_eq(marie->agent, "marie");
    cr_assert_str_eq(anne->agent, "a");
    cr_assert_str_eq(marie->hash, HASH);
    cr_assert_str_eq(users->decoy, HASH);
    cr_assert(user_has_dn(marie, "7005") && !user_has_dn(marie, "700") && !user_has_dn(marie, "70055"));
    cr_assert(user_has_dn(users_find(users, "board"), "7005") && !user_has_dn(users_find(users, "board"), "1800"));
    cr_assert(users_share_group(users, anne, "marie") && !users_share_group(users, marie, "nobody"));
    cr_assert(users_find(users, "board")->data && !anne->data);
    cr_assert_null(users_find(users, "olga"));
    users_free(users);
}

Test(cti_users, a_certificate_is_of_the_user_whom_it_names)
{
    char why[512] = "";
    struct users *users = users_from("marie agent\nanne supervisor certificate=anne.example.org\n", why, sizeof why);
    struct tls_names names = {.name = {"marie", "anne.example.org"}, .count = 2};
    cr_assert_str_eq(users_shown(users, &names)->name, "marie");
    names = (struct tls_names){.name = {"someone", "anne.example.org"}, .count = 2};
    cr_assert_str_eq(users_shown(users, &names)->name, "anne");
    names = (struct tls_names){.name = {"anne"}, .count = 1};
    cr_assert_null(users_shown(users, &names), "her row names another");
    names = (struct tls_names){.name = {"someone", "marie"}, .count = 2};
    cr_assert_null(users_shown(users, &names), "only a CN stands for a user by its name");
    users_free(users);
}

Test(cti_users, what_is_wrong_is_named_with_its_line)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"marie\n", ":1: after the user's name"},
        {"marie king\n", ":1: after the user's name"},
        {"marie switch_\n", ":1: after the user's name"},
        {"a agent\nb agent password=secret\n", ":2: `password` is a hash"},
        {"b agent password=$argon2id$rubbish\n", ":1: `password` is a hash"},
        {"a agent\na monitor\n", ":2: this user stands twice"},
        {"a agent\nb agent agent=a\n", ":2: another user acts"},
        {"a agent\nb agent certificate=a\n", ":2: another user has a certificate"},
        {"a monitor agent=b\n", ":1: a monitor acts for no agent"},
        {"a agent dn=\n", ":1: `dn` and `group` are lists"},
        {"a agent colour=red\n", ":1: expected one each"},
        {"a agent certificate=x certificate=y\n", ":1: expected one each"},
        {"a agent everything\n", ":1: expected `data`"},
        {"0123456789012345678901234567890123456789012345678901234567890123456789 agent\n", ":1: a user's name"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char why[512] = "";
        cr_assert_null(users_from(wrong[i].text, why, sizeof why), "%s", wrong[i].text);
        cr_assert(strstr(why, wrong[i].why), "%s: %s", wrong[i].text, why);
    }
    char path[] = "/tmp/gcx-users-XXXXXX", why[512];
    close(mkstemp(path));
    chmod(path, 0644);
    cr_assert_null(users_read(path, why, sizeof why));
    cr_assert(strstr(why, "may be read by everybody"), "%s", why);
    unlink(path);
}

Test(cti_users, failures_of_an_address_are_bounded_and_heal)
{
    struct switch_hosts hosts = {0};
    struct switch_host *host = hosts_get(&hosts, "192.0.2.1", 0);
    for (unsigned i = 0; i < 6; i++) {
        cr_assert(host_may_try(host, 6, 0));
        host_failed(host, 6);
    }
    cr_assert_not(host_may_try(host, 6, 9000000));
    cr_assert(host_may_try(host, 6, 10000000), "one in ten seconds");
    cr_assert(host_may_try(host, 6, 10000000), "what succeeds costs nothing");
    host_failed(host, 6);
    cr_assert_not(host_may_try(host, 6, 10000000));
    cr_assert(host_may_try(hosts_get(&hosts, "192.0.2.2", 0), 6, 0), "another address has its own");
    /* Idle rows are forgotten, busy ones are not. */
    host->connections = 1;
    for (unsigned i = 0; i < 3 * HOSTS_MAX; i++) {
        char text[ADDRESS_TEXT];
        snprintf(text, sizeof text, "%u", i);
        cr_assert_not_null(hosts_get(&hosts, text, 100000000));
    }
    cr_assert_eq(hosts_get(&hosts, "192.0.2.1", 0), host);
    cr_assert_leq(index_count(&hosts.by_address), HOSTS_MAX);
    hosts_free(&hosts);
}

static const char *limit_setting(void *self, const char *key)
{
    const char *const *given = self;
    return strcmp(key, given[0]) == 0 ? given[1] : NULL;
}

Test(cti_users, limits_are_read_and_checked)
{
    struct limits limits;
    char why[256];
    const char *good[] = {"line_bytes", "1000"}, *low[] = {"line_bytes", "10"}, *odd[] = {"strangers", "many"};
    cr_assert(limits_read(&limits, limit_setting, good, why, sizeof why));
    cr_assert(limits.line_bytes == 1000 && limits.requests_a_second == 20);
    cr_assert_not(limits_read(&limits, limit_setting, low, why, sizeof why));
    cr_assert_str_eq(why, "line_bytes: `10` is not a whole number from 256 to 1048576");
    cr_assert_not(limits_read(&limits, limit_setting, odd, why, sizeof why));
}

/* --- A client's life, with users --- */

struct talk {
    char heard[8192], asked_hash[HASH_SIZE];
    unsigned asked;
    bool closed, known, deaf;
};

static bool talk_send(void *self, const char *bytes, size_t length)
{
    struct talk *talk = self;
    size_t at = strlen(talk->heard);
    if (talk->deaf) return false;
    snprintf(talk->heard + at, sizeof talk->heard - at, "%.*s", (int)length, bytes);
    return true;
}

static void talk_close(void *self)
{
    ((struct talk *)self)->closed = true;
}

static bool talk_verify(void *self, const char *hash, const char *password)
{
    struct talk *talk = self;
    talk->asked++;
    snprintf(talk->asked_hash, sizeof talk->asked_hash, "%s", hash);
    cr_assert_str_eq(password, "open sesame");
    return true;
}

static void talk_known(void *self)
{
    ((struct talk *)self)->known = true;
}

static struct client *begin(struct tserver_rig *rig, struct talk *talk, const struct tls_names *names)
{
    struct client_wire wire = {talk, talk_send, talk_close, talk_verify, talk_known};
    struct client_peer peer = {"192.0.2.1", names};
    *talk = (struct talk){.asked = 0};
    return client_new(&rig->tserver.cti, &wire, &peer);
}

static bool says(struct talk *talk, const char *text)
{
    bool found = strstr(talk->heard, text) != NULL;
    talk->heard[0] = 0;
    return found;
}

static void tell(struct client *client, const char *line)
{
    client_feed(client, line, strlen(line));
    client_feed(client, "\n", 1);
}

#define LOGIN(user)                                                                                                    \
    "{\"Message\":\"RequestAuthenticate\",\"ReferenceID\":1,\"User\":\"" user "\",\"Password\":\"open sesame\"}"

Test(cti_users, a_stranger_may_only_log_in)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    char why[256];
    rig_open(&rig);
    cti_set_users(&rig.tserver.cti, users_from("marie agent password=" HASH "\n", why, sizeof why));
    struct client *client = begin(&rig, &talk, NULL);
    cr_assert(says(&talk, "EventAuthenticationRequired"));
    tell(client, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    cr_assert(says(&talk, "\"ErrorCode\":\"no_privilege\""));
    rig_lose(&rig);
    cr_assert_str_eq(talk.heard, "", "nor does it hear of the switch");
    tell(client, LOGIN("nobody"));
    cr_assert_str_eq(talk.asked_hash, HASH, "as long as for somebody");
    tell(client, LOGIN("marie"));
    cr_assert(talk.asked == 1 && says(&talk, "invalid_state"), "one at a time");
    client_verified(client, VERDICT_GOOD);
    cr_assert(says(&talk, "\"ErrorCode\":\"refused\"") && !talk.known, "of nobody even the right one is wrong");
    tell(client, LOGIN("marie"));
    client_verified(client, VERDICT_WRONG);
    cr_assert(says(&talk, "\"ErrorCode\":\"refused\"") && !talk.known);
    tell(client, LOGIN("marie"));
    client_verified(client, VERDICT_GOOD);
    cr_assert(talk.known && says(&talk, "\"EventAuthenticated\",\"User\":\"marie\",\"Role\":\"agent\""));
    tell(client, LOGIN("marie"));
    cr_assert(says(&talk, "invalid_state"));
    /* Another password: away with it. */
    cti_set_users(&rig.tserver.cti, users_from("marie agent\n", why, sizeof why));
    cr_assert(talk.closed && says(&talk, "\"ErrorCode\":\"no_privilege\""));
    rig_free(&rig);
}

Test(cti_users, a_password_that_was_changed_meanwhile_does_not_count)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    char why[256];
    rig_open(&rig);
    cti_set_users(&rig.tserver.cti, users_from("marie agent password=" HASH "\n", why, sizeof why));
    struct client *client = begin(&rig, &talk, NULL);
    tell(client, LOGIN("marie"));
    cti_set_users(&rig.tserver.cti, users_from("marie agent\n", why, sizeof why));
    client_verified(client, VERDICT_GOOD);
    cr_assert(!talk.known && says(&talk, "\"ErrorCode\":\"refused\""));
    client_lost(client);
    rig_free(&rig);
}

/* --- Tokens --- */

#define OTHER_HASH                                                                                                     \
    "$argon2id$v=19$m=65536,t=2,p=1$AAHwn3c72T+U7Qz5POudvA$"                                                           \
    "WhfRWFXl0EowsCAi3W/tedcmX9zUXtiqLGdHX1SO8Xk"

enum { NOW_S = 1700000000 };

/* Is the token, given when the file had the first row, good for marie when it has the second, so much later? */
static bool good_for(const char *then, const char *now, int64_t later_s)
{
    char why[256], token[TOKEN_SIZE];
    struct tokens *tokens = tokens_new(NULL, why, sizeof why);
    struct users *before = users_from(then, why, sizeof why), *after = users_from(now, why, sizeof why);
    token_make(tokens, users_find(before, "marie"), NOW_S, token);
    bool good = token_good(tokens, users_find(after, "marie"), token, NOW_S + later_s);
    users_free(before);
    users_free(after);
    tokens_free(tokens);
    return good;
}

Test(cti_users, a_token_is_good_for_its_user_as_the_user_was_and_for_so_long)
{
    static const char marie[] = "marie agent password=" HASH "\n";
    cr_assert(good_for(marie, marie, 0));
    cr_assert(good_for(marie, "marie agent dn=7001 group=sales password=" HASH "\n", 0), "another place");
    cr_assert(good_for(marie, marie, TOKEN_LIFE_S - 1));
    cr_assert_not(good_for(marie, marie, TOKEN_LIFE_S));
    cr_assert_not(good_for(marie, "marie agent password=" OTHER_HASH "\n", 0), "another password");
    cr_assert_not(good_for(marie, "marie agent\n", 0), "none");
    cr_assert_not(good_for(marie, "marie supervisor agent=marie password=" HASH "\n", 0), "another role");
    cr_assert_not(good_for(marie, "marie agent agent=paul password=" HASH "\n", 0), "another agent");
    cr_assert_not(good_for("marie agent agent=m password=" HASH "\n", "marie agent agent=n password=" HASH "\n", 0));
}

Test(cti_users, a_token_that_was_altered_is_not_good)
{
    char why[256], token[TOKEN_SIZE], other[TOKEN_SIZE];
    struct tokens *tokens = tokens_new(NULL, why, sizeof why), *others = tokens_new(NULL, why, sizeof why);
    struct users *users = users_from("marie agent password=" HASH "\n", why, sizeof why);
    const struct user *marie = users_find(users, "marie");
    token_make(tokens, marie, NOW_S, token);
    cr_assert_not(token_good(others, marie, token, NOW_S), "of another key");
    for (size_t i = 0; i < strlen(token); i++) {
        memcpy(other, token, sizeof other);
        other[i] = other[i] == 'B' ? 'C' : 'B';
        cr_assert_not(token_good(tokens, marie, other, NOW_S), "%s", other);
        other[i] = 0;
        cr_assert_not(token_good(tokens, marie, other, NOW_S), "%s", other);
    }
    static const char *const rubbish[] = {"", "1.", "1..", "2.0.0", "1.ffffffffffffffff.", "1.6553f100.%%%%"};
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++)
        cr_assert_not(token_good(tokens, marie, rubbish[i], NOW_S), "%s", rubbish[i]);
    users_free(users);
    tokens_free(tokens);
    tokens_free(others);
}

Test(cti_users, the_key_outlives_the_process_in_a_file_of_its_own)
{
    char folder[] = "/tmp/gcx-tokens-XXXXXX", path[64], why[256] = "-", token[TOKEN_SIZE];
    struct stat info;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/tserver.tokens", folder);
    struct users *users = users_from("marie agent password=" HASH "\n", why, sizeof why);
    struct tokens *tokens = tokens_new(path, why, sizeof why);
    cr_assert_str_eq(why, "");
    cr_assert(stat(path, &info) == 0 && (info.st_mode & 0777) == 0600);
    token_make(tokens, users_find(users, "marie"), NOW_S, token);
    tokens_free(tokens);
    tokens = tokens_new(path, why, sizeof why);
    cr_assert(why[0] == 0 && token_good(tokens, users_find(users, "marie"), token, NOW_S));
    tokens_free(tokens);
    cr_assert(tokens_check(path, why, sizeof why));
    chmod(path, 0640);
    cr_assert_not(tokens_check(path, why, sizeof why));
    cr_assert(strstr(why, "chmod 600"), "%s", why);
    chmod(path, 0600);
    cr_assert_eq(truncate(path, 10), 0);
    tokens = tokens_new(path, why, sizeof why);
    cr_assert(strstr(why, "is no key"), "%s", why);
    cr_assert_not(token_good(tokens, users_find(users, "marie"), token, NOW_S), "it has a key of its own then");
    tokens_free(tokens);
    unlink(path);
    cr_assert(tokens_check(path, why, sizeof why), "it is made");
    rmdir(folder);
    users_free(users);
}

/* The token that was told last. */
static void token_of(struct talk *talk, char token[TOKEN_SIZE])
{
    const char *at = NULL, *next = talk->heard;
    while ((next = strstr(next, "\"Token\":\""))) at = next += 9;
    cr_assert_not_null(at, "%s", talk->heard);
    snprintf(token, TOKEN_SIZE, "%.*s", (int)strcspn(at, "\""), at);
}

static void resume(struct client *client, const char *user, const char *token)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"Message\":\"RequestAuthenticate\",\"ReferenceID\":1,\"User\":\"%s\",\"Token\":\"%s\"}", user, token);
    tell(client, line);
}

Test(cti_users, who_has_logged_in_comes_back_with_a_token_and_no_hash_is_computed)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    char why[256], token[TOKEN_SIZE], next[TOKEN_SIZE];
    rig_open(&rig);
    cti_set_users(&rig.tserver.cti,
                  users_from("marie agent password=" HASH "\npaul agent password=" HASH "\n", why, sizeof why));
    rig.tserver.cti.tokens = tokens_new(NULL, why, sizeof why);
    struct client *client = begin(&rig, &talk, NULL);
    tell(client, LOGIN("marie"));
    client_verified(client, VERDICT_GOOD);
    token_of(&talk, token);
    client_lost(client);
    client = begin(&rig, &talk, NULL);
    resume(client, "nobody", token);
    cr_assert(says(&talk, "\"ErrorCode\":\"refused\"") && !talk.known);
    resume(client, "paul", token);
    cr_assert(says(&talk, "\"ErrorCode\":\"refused\"") && !talk.known);
    resume(client, "marie", "1.0.x");
    cr_assert(says(&talk, "log in with the password") && !talk.known);
    resume(client, "marie", token);
    cr_assert(talk.known && talk.asked == 0);
    token_of(&talk, next);
    cr_assert(says(&talk, "\"EventAuthenticated\",\"User\":\"marie\",\"Role\":\"agent\""));
    rig_wait(&rig, (int64_t)TOKEN_LIFE_S * 1000000 / 2 + 120000000);
    cr_assert(says(&talk, "\"Token\""), "renewed in use");
    client_lost(client);
    client = begin(&rig, &talk, NULL);
    tell(client, LOGIN("marie"));
    cti_set_users(&rig.tserver.cti, users_from("marie agent password=" OTHER_HASH "\n", why, sizeof why));
    resume(client, "marie", next);
    cr_assert(says(&talk, "one login at a time") && !talk.known);
    client_verified(client, VERDICT_GOOD);
    talk.heard[0] = 0;
    resume(client, "marie", next);
    cr_assert(says(&talk, "\"ErrorCode\":\"refused\"") && !talk.known, "another password");
    client_lost(client);
    rig_free(&rig);
}

Test(cti_users, who_shows_a_certificate_needs_no_token)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    struct tls_names marie = {.name = {"marie"}, .count = 1};
    char why[256];
    rig_open(&rig);
    cti_set_users(&rig.tserver.cti, users_from("marie agent password=" HASH "\n", why, sizeof why));
    rig.tserver.cti.tokens = tokens_new(NULL, why, sizeof why);
    struct client *client = begin(&rig, &talk, &marie);
    cr_assert(talk.known && !strstr(talk.heard, "Token"));
    client_lost(client);
    rig_free(&rig);
}

Test(cti_users, a_user_has_so_many_connections)
{
    struct tserver_rig rig = {0};
    struct talk talks[3];
    struct tls_names marie = {.name = {"marie"}, .count = 1};
    char why[256];
    rig_open(&rig);
    rig.tserver.cti.limits.connections_per_user = 2;
    cti_set_users(&rig.tserver.cti, users_from("marie agent\n", why, sizeof why));
    cr_assert_not_null(begin(&rig, &talks[0], &marie));
    struct client *second = begin(&rig, &talks[1], &marie);
    cr_assert_null(begin(&rig, &talks[2], &marie));
    cr_assert(talks[2].closed && says(&talks[2], "\"ErrorCode\":\"overload\""));
    client_lost(second);
    cr_assert_not_null(begin(&rig, &talks[2], &marie));
    rig_free(&rig);
}

Test(cti_users, requests_that_wait_are_counted)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    struct tls_names marie = {.name = {"marie"}, .count = 1};
    char why[256];
    rig_open(&rig);
    rig.tserver.cti.limits.outstanding = 2;
    cti_set_users(&rig.tserver.cti, users_from("marie agent\n", why, sizeof why));
    struct client *client = begin(&rig, &talk, &marie);
    tell(client, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    for (unsigned i = 0; i < 2; i++)
        tell(client, "{\"Message\":\"RequestMakeCall\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"OtherDN\":\"7002\"}");
    cr_assert_not(says(&talk, "overload"));
    tell(client, "{\"Message\":\"RequestMakeCall\",\"ReferenceID\":4,\"ThisDN\":\"7001\",\"OtherDN\":\"7002\"}");
    cr_assert(says(&talk, "\"ErrorCode\":\"overload\""));
    client_lost(client);
    rig_free(&rig);
}

Test(cti_users, who_asks_too_much_is_refused_then_sent_away)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    rig_open(&rig);
    struct client *client = begin(&rig, &talk, NULL);
    for (unsigned i = 0; i < 20; i++) tell(client, "nonsense");
    cr_assert(!says(&talk, "overload"));
    for (unsigned i = 0; i < 200; i++) tell(client, "nonsense");
    cr_assert(!talk.closed && says(&talk, "\"ErrorCode\":\"overload\""));
    tell(client, "nonsense");
    cr_assert(talk.closed);
    /* Another one, which pauses, stays. */
    client = begin(&rig, &talk, NULL);
    for (unsigned second = 0; second < 20; second++, rig_wait(&rig, 1000000))
        for (unsigned i = 0; i < 40; i++) tell(client, "nonsense");
    cr_assert_not(talk.closed);
    client_lost(client);
    rig_free(&rig);
}

#define REGISTER(dn) "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"" dn "\"}"

Test(cti_users, what_a_new_role_does_not_allow_ends_and_is_told)
{
    struct tserver_rig rig = {0};
    struct talk anne_talk, board_talk, olga_talk;
    struct tls_names anne = {.name = {"anne"}, .count = 1}, board = {.name = {"board"}, .count = 1};
    struct tls_names olga = {.name = {"olga"}, .count = 1};
    char why[256];
    rig_open(&rig);
    rig.tserver.cti.limits.registrations = 2;
    cti_set_users(
        &rig.tserver.cti,
        users_from("anne supervisor agent=anne\nboard monitor dn=70*\nolga supervisor agent=p\n", why, sizeof why));
    struct client *clients[] = {begin(&rig, &anne_talk, &anne), begin(&rig, &board_talk, &board),
                                begin(&rig, &olga_talk, &olga)};
    for (unsigned i = 0; i < 3; i++) {
        tell(clients[i], REGISTER("7001"));
        tell(clients[i], REGISTER("7002"));
    }
    anne_talk.heard[0] = board_talk.heard[0] = olga_talk.heard[0] = 0;
    cti_set_users(&rig.tserver.cti, users_from("anne agent dn=7001 agent=anne\nboard monitor dn=7002\n"
                                               "olga supervisor agent=o\n",
                                               why, sizeof why));
    cr_assert(strstr(anne_talk.heard, "\"EventAuthenticated\",\"User\":\"anne\",\"Role\":\"agent\""));
    cr_assert(strstr(anne_talk.heard, "\"EventUnregistered\",\"ThisDN\":\"7002\",\"ErrorCode\":\"no_privilege\""));
    cr_assert(!strstr(anne_talk.heard, "7001") && !anne_talk.closed, "%s", anne_talk.heard);
    cr_assert(!strstr(board_talk.heard, "EventAuthenticated"), "its role is what it was");
    cr_assert(strstr(board_talk.heard, "\"EventUnregistered\",\"ThisDN\":\"7001\""), "%s", board_talk.heard);
    cr_assert(olga_talk.closed && says(&olga_talk, "\"ErrorCode\":\"no_privilege\""), "she acts for somebody else");
    cr_assert_not(dn_has_client(dns_find(&rig.tserver.cti.dns, "7002"), client_id(clients[0])));
    anne_talk.heard[0] = 0;
    cti_set_users(&rig.tserver.cti,
                  users_from("anne agent dn=70* agent=anne\nboard monitor dn=7002\n", why, sizeof why));
    tell(clients[0], REGISTER("7002"));
    cr_assert(says(&anne_talk, "EventRegistered"), "what ended is not counted");
    client_lost(clients[0]);
    client_lost(clients[1]);
    rig_free(&rig);
}

Test(cti_users, new_users_close_clients_that_do_not_read_and_pass_over_nobody)
{
    struct tserver_rig rig = {0};
    struct talk talks[8];
    char why[256];
    rig_open(&rig);
    cti_set_users(&rig.tserver.cti, users_from("a0 supervisor\na1 supervisor\na2 supervisor\na3 supervisor\n"
                                               "a4 supervisor\na5 supervisor\na6 supervisor\na7 supervisor\n",
                                               why, sizeof why));
    struct client *last = NULL;
    for (unsigned i = 0; i < 8; i++) {
        struct tls_names names = {.count = 1};
        snprintf(names.name[0], sizeof names.name[0], "a%u", i);
        last = begin(&rig, &talks[i], &names);
        tell(last, REGISTER("7001"));
        talks[i].deaf = i % 2 == 0;
    }
    cti_set_users(&rig.tserver.cti, users_from("a6 agent\na7 agent\n", why, sizeof why));
    for (unsigned i = 0; i < 7; i++) cr_assert(talks[i].closed, "client %u", i);
    cr_assert(!talks[7].closed && says(&talks[7], "\"Role\":\"agent\""));
    cr_assert_eq(rig.tserver.cti.client_count, 1);
    client_lost(last);
    rig_free(&rig);
}

Test(cti_users, asking_for_a_dn_that_is_not_there_leaves_nothing_behind)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    rig_open(&rig);
    rig.tserver.cti.limits.registrations = 2;
    struct client *client = begin(&rig, &talk, NULL);
    unsigned before = rig.tserver.cti.dns.count;
    tell(client, REGISTER("9"));
    cr_assert(says(&talk, "\"ErrorCode\":\"invalid_dn\""));
    cr_assert_eq(rig.tserver.cti.dns.count, before);
    tell(client, REGISTER("7001"));
    cr_assert(says(&talk, "EventRegistered"));
    rig_lose(&rig); /* which DNs there are nobody says now: it is taken at its word, within its bound */
    tell(client, REGISTER("91"));
    tell(client, REGISTER("92"));
    tell(client, REGISTER("93"));
    cr_assert(says(&talk, "registered on too many DNs"));
    cr_assert_eq(rig.tserver.cti.dns.count, before + 1);
    client_lost(client);
    rig_free(&rig);
}

Test(cti_users, a_stranger_has_little_to_say)
{
    struct tserver_rig rig = {0};
    struct talk talk;
    char why[256], line[20000];
    rig_open(&rig);
    cti_set_users(&rig.tserver.cti, users_from("marie agent\n", why, sizeof why));
    memset(line, 'x', sizeof line);
    client_feed(begin(&rig, &talk, NULL), line, sizeof line);
    cr_assert(talk.closed && says(&talk, "\"ErrorCode\":\"too_large\""));
    struct tls_names marie = {.name = {"marie"}, .count = 1};
    struct client *client = begin(&rig, &talk, &marie);
    client_feed(client, line, sizeof line);
    cr_assert_not(talk.closed);
    client_lost(client);
    rig_free(&rig);
}
