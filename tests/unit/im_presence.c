/* tests/unit/im_presence.c - A person's presence as an agent's state; addresses; the file of knowledge workers. */
#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/im/presence.h"
#include "runtime/adapters/im/setting.h"
#include "runtime/adapters/im/stanza.h"

static struct presence presence;

static bool heeds = true; /* what is said is of who is there */

static void take(void *self, const struct xml_node *stanza)
{
    cr_expect_eq(presence_take(&presence, self, stanza), heeds);
}

static const char *begin(void *self, const struct xml_node *stream)
{
    (void)self, (void)stream;
    return NULL;
}

static void end(void *self)
{
    (void)self;
}

/* The client says so; `type` NULL: that it is there. */
static void says(const char *resource, const char *type, const char *show, const char *priority)
{
    char *text;
    struct xml_calls calls = {(void *)resource, begin, take, end};
    struct xml_stream *reader = xml_stream_new(&stanza_bounds, &calls);
    text = g_strdup_printf("<s:stream xmlns:s='http://etherx.jabber.org/streams'><presence%s%s%s><show>%s</show>"
                           "<priority>%s</priority></presence>",
                           type ? " type='" : "", type ? type : "", type ? "'" : "", show, priority);
    cr_assert_null(xml_stream_feed(reader, text, strlen(text)));
    xml_stream_free(reader);
    g_free(text);
}

static void presence_is(enum agent_state state, const char *reason)
{
    struct presence_state now = presence_state(&presence);
    cr_expect_eq(now.state, state, "%d", (int)now.state);
    cr_expect_str_eq(now.reason, reason);
}

static void begin_with_nobody(void)
{
    presence_init(&presence);
}

static void end_with_whoever(void)
{
    presence_free(&presence);
}

TestSuite(im_presence, .init = begin_with_nobody, .fini = end_with_whoever, .timeout = 10);

Test(im_presence, each_show_is_a_state)
{
    presence_is(agent_state_logged_out, "");
    says("pc", NULL, "", "0");
    presence_is(agent_state_ready, "");
    says("pc", NULL, "chat", "0");
    presence_is(agent_state_ready, "");
    says("pc", NULL, "away", "0");
    presence_is(agent_state_not_ready, "away");
    says("pc", NULL, "xa", "0");
    presence_is(agent_state_not_ready, "extended");
    says("pc", NULL, "dnd", "0");
    presence_is(agent_state_not_ready, "dnd");
    says("pc", NULL, "a word of tomorrow", "0");
    presence_is(agent_state_not_ready, "other");
    says("pc", "unavailable", "", "0");
    presence_is(agent_state_logged_out, "");
}

Test(im_presence, the_client_of_the_highest_priority_counts)
{
    says("pc", NULL, "dnd", "5");
    says("phone", NULL, "", "1");
    presence_is(agent_state_not_ready, "dnd");
    says("phone", NULL, "", "5");
    presence_is(agent_state_ready, "");
    says("pc", NULL, "away", "5");
    presence_is(agent_state_not_ready, "away");
    says("pc", "unavailable", "", "");
    presence_is(agent_state_ready, "");
    says("phone", NULL, "", "-1");
    presence_is(agent_state_logged_out, "");
    says("phone", NULL, "", "-128");
    presence_is(agent_state_logged_out, "");
    says("pc", NULL, "away", "x");
    presence_is(agent_state_not_ready, "away");
    heeds = false;
    says("phone", "subscribe", "", "5");
    presence_is(agent_state_not_ready, "away");
}

Test(im_presence, the_server_may_tell_that_nobody_is_there)
{
    says("pc", NULL, "", "0"), says("phone", NULL, "", "0");
    says("", "unavailable", "", "");
    presence_is(agent_state_logged_out, "");
    says("pc", NULL, "", "0");
    says("", "error", "", "");
    presence_is(agent_state_logged_out, "");
}

Test(im_presence, a_person_of_too_many_clients_has_bounds)
{
    char resource[24];
    for (unsigned i = 0; i < 10 * PRESENCE_RESOURCES; i++) {
        snprintf(resource, sizeof resource, "r%u", i);
        says(resource, NULL, "", "0");
    }
    cr_expect_eq(presence.clients->len, PRESENCE_RESOURCES);
}

Test(im_presence, an_address_is_taken_apart)
{
    char bare[JID_MAX], local[JID_MAX], *longest = g_strnfill(JID_MAX, 'a');
    cr_expect(im_jid_bare("Kim@Example.org/My PC", bare));
    cr_expect_str_eq(bare, "kim@example.org");
    cr_expect_str_eq(im_jid_resource("Kim@Example.org/My PC"), "My PC");
    im_jid_local(bare, local);
    cr_expect_str_eq(local, "kim");
    cr_expect(im_jid_bare("example.org", bare));
    im_jid_local(bare, local);
    cr_expect_str_eq(local, "");
    cr_expect_not(im_jid_bare("", bare));
    cr_expect_not(im_jid_bare("/x", bare));
    cr_expect_not(im_jid_bare("@example.org", bare));
    cr_expect_not(im_jid_bare("kim@", bare));
    cr_expect_not(im_jid_bare("k<im@example.org", bare));
    cr_expect_not(im_jid_bare("k im@example.org", bare));
    cr_expect_not(im_jid_bare(longest, bare));
    g_free(longest);
}

/* ---- settings ---- */

struct given {
    char workers[100], secret[100];
    const char *server, *queues, *domain;
};

static const char *given_of(void *self, const char *key)
{
    struct given *given = self;
    if (strcmp(key, "workers") == 0) return given->workers;
    if (strcmp(key, "secret_file") == 0) return given->secret;
    if (strcmp(key, "server") == 0) return given->server;
    if (strcmp(key, "queues") == 0) return given->queues;
    if (strcmp(key, "domain") == 0) return given->domain;
    return strcmp(key, "store") == 0 ? "sqlite:/nowhere" : NULL;
}

/* The reason begins so; NULL: all is well. */
static void reads(struct given *given, const char *wanted)
{
    char why[300] = "";
    struct im_setting setting;
    bool good = im_setting_read(&setting, given_of, given, why, sizeof why);
    cr_expect_eq(good, !wanted, "%s", why);
    if (wanted) cr_expect(strstr(why, wanted) == why, "%s", why);
    if (good) {
        cr_expect_eq(setting.all_workers->len, 2);
        cr_expect_str_eq(((struct worker_row *)setting.all_workers->pdata[1])->jid, "lee@example.org");
        cr_expect_str_eq(secret_text(&setting.secret), "hush");
    }
    im_setting_free(&setting);
}

static void workers_are(const struct given *given, const char *text)
{
    cr_assert(g_file_set_contents(given->workers, text, -1, NULL));
}

Test(im_presence, settings_and_workers_are_checked)
{
    struct given given = {.server = "127.0.0.1:5347", .queues = "experts,billing", .domain = "kw.example.org"};
    snprintf(given.workers, sizeof given.workers, "/tmp/gcx-im-%d.workers", (int)getpid());
    snprintf(given.secret, sizeof given.secret, "/tmp/gcx-im-%d.secret", (int)getpid());
    cr_assert(g_file_set_contents(given.secret, "hush\n", -1, NULL) && g_chmod(given.secret, 0600) == 0);
    workers_are(&given, "# agents\nkim kim@example.org\n\n  lee\tLee@Example.org  # Mrs Lee\n");
    reads(&given, NULL);
    given.server = "chat.example.org:5347";
    reads(&given, "server: `chat.example.org:5347` is another machine");
    given.server = "127.0.0.1:5347", given.queues = "";
    reads(&given, "queues: none is set");
    given.queues = "Experts";
    reads(&given, "queues: `Experts`");
    given.queues = "experts", given.domain = "";
    reads(&given, "domain: ");
    given.domain = "kw.example.org";
    workers_are(&given, "kim kim@example.org\nlee kim@example.org\n");
    reads(&given, "workers: /tmp/");
    workers_are(&given, "kim\n");
    reads(&given, "workers: /tmp/");
    workers_are(&given, "kim example.org\n");
    reads(&given, "workers: /tmp/");
    g_unlink(given.workers), g_unlink(given.secret);
}
