/* tests/unit/daemon_lead.c - Whom the lead may be handed to; how often its lease is renewed; which files of a state
 * folder are missed. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/daemon/service/lead.h"
#include "runtime/daemon/service/state_folder.h"

static struct lead_row led_by_one(uint64_t behind)
{
    struct lead_row row = {.role = LEAD_LEADER, .lease_ms = 1000, .batch = 5000, .last = 5000, .node_count = 2};
    row.nodes[0] = (struct batches_node){.name = "one", .leads = true, .term = 3, .batch = 5000};
    row.nodes[1] = (struct batches_node){.name = "two", .term = 3, .batch = 5000 - behind};
    return row;
}

static bool refused(const struct lead_row *row, const char *why)
{
    struct error error = {0};
    return !lead_may_hand_over(row, &error) && strstr(error.text, why);
}

Test(daemon_lead, who_has_read_almost_all_may_lead)
{
    struct lead_row row = led_by_one(LEAD_NEAR);
    struct error error = {0};
    cr_assert(lead_may_hand_over(&row, &error), "%s", error.text);
}

Test(daemon_lead, who_is_far_behind_may_not_and_how_far_is_told)
{
    struct lead_row row = led_by_one(LEAD_NEAR + 1);
    cr_assert(refused(&row, "two follows, but is 1001 batches behind"));
    cr_assert(refused(&row, "gcxctl cluster"), "what to do is told");
    row.nodes[row.node_count++] = (struct batches_node){.name = "three", .term = 3, .batch = 4990};
    cr_assert(lead_may_hand_over(&row, &(struct error){0}), "another one is near");
}

Test(daemon_lead, who_leads_looks_for_the_journal_or_is_silent_is_nobody_to_hand_it_to)
{
    struct lead_row row = led_by_one(0);
    row.nodes[1].term = 0;
    cr_assert(refused(&row, "no other gcxvm follows"));
    row.nodes[1] = (struct batches_node){.name = "two", .term = 3, .batch = 5000, .age_us = 1000000};
    cr_assert(refused(&row, "no other gcxvm follows"));
    row.nodes[1] = (struct batches_node){.name = "two", .leads = true, .term = 3, .batch = 5000};
    cr_assert(refused(&row, "no other gcxvm follows"));
}

/* The turn that hangs tells nothing: the time since the one before does. */
Test(daemon_lead, a_follower_whose_database_hangs_says_so_within_the_lease)
{
    struct conf conf = {.lease_ms = 60000};
    struct daemon daemon = {.conf = &conf, .how.follow = true, .lead = {.role = LEAD_FOLLOWER}};
    struct lead_row row;
    lead_read(&daemon, &row);
    cr_expect(!row.away, "no turn has ended yet");
    daemon.lead.row_us = host_monotonic_us() - 1000000;
    lead_read(&daemon, &row);
    cr_expect(!row.away);
    daemon.lead.row_us = host_monotonic_us() - 3000000;
    lead_read(&daemon, &row);
    cr_expect(row.away);
    daemon.lead.role = LEAD_LEADER;
    lead_read(&daemon, &row);
    cr_expect(!row.away, "who leads has no turns");
}

/* A follower tells twice in a lease, and each second: after three it may be dead, however long the lease is. */
Test(daemon_lead, who_was_silent_for_three_seconds_of_a_long_lease_is_nobody)
{
    struct lead_row row = led_by_one(0);
    row.lease_ms = 60000;
    row.nodes[1].age_us = 2900000;
    cr_assert(lead_may_hand_over(&row, &(struct error){0}));
    row.nodes[1].age_us = 3000000;
    cr_assert(refused(&row, "no other gcxvm follows"));
}

Test(daemon_lead, of_those_who_follow_the_one_that_has_read_most_counts_wherever_it_stands)
{
    struct lead_row row = led_by_one(0);
    row.nodes[row.node_count++] = (struct batches_node){.name = "three", .term = 3, .batch = 1};
    cr_assert(lead_may_hand_over(&row, &(struct error){0}));
}

Test(daemon_lead, without_a_database_and_without_follow_nothing_is_handed_over)
{
    struct lead_row row = led_by_one(0);
    row.away = true;
    cr_assert(refused(&row, "database does not answer"));
    row = led_by_one(0);
    row.role = LEAD_LONE;
    cr_assert(refused(&row, "without --follow"));
}

Test(daemon_lead, a_lease_is_renewed_four_times_while_it_lasts)
{
    static char none[] = "", database[] = "host=db";
    struct conf conf = {.journal = none, .lease_ms = 10000};
    const struct daemon daemon = {.conf = &conf};
    cr_assert_eq(lead_beat_us(&daemon), 0, "there is no lease of a journal in the state folder");
    conf.journal = database;
    cr_assert_eq(lead_beat_us(&daemon), 2500000);
}

/* A machine that follows takes them, so it would lack what an adapter keeps in one that is not named. */
Test(daemon_lead, files_that_adapters_keep_in_the_state_folder_go_with_the_lead)
{
    static char state[] = "/state", key[] = "state", other[] = "states", within[] = "/state/chat",
                further[] = "/state/chat/more", beside[] = "/states/chat", folder[] = "/state/", desk[] = "desk",
                longest[] = "adapter-with-thirty-six-letters-name", longer[] = "adapter-with-thirty-six-letters-names",
                far[] = "far", none[] = "";
    struct conf_setting settings[] = {{key, within, 1}, {other, within, 2}, {key, further, 3},
                                      {key, beside, 4}, {key, folder, 5},   {key, state, 6}};
    struct conf_adapter adapters[] = {
        {.name = desk, .settings = settings, .setting_count = sizeof settings / sizeof *settings},
        {.name = longest},
        {.name = longer},
        {.name = far, .remote = true, .settings = settings, .setting_count = 1}};
    struct conf conf = {.journal = none, .state = state, .adapters = adapters, .adapter_count = 4};
    struct daemon daemon = {.conf = &conf};
    char all[1000] = "";
    bool follows = true;
    cr_assert(lead_look(&daemon, &follows, &(struct error){0}) && !follows);
    struct journal_place place = lead_place(&daemon);
    for (size_t i = 0; place.files[i]; i++) strcat(strcat(all, place.files[i]), " ");
    cr_expect_str_eq(all,
                     "desk.telephones desk.tokens chat chat.asks chat.callbacks chat.cursor chat.known chat.peers "
                     "chat.workers adapter-with-thirty-six-letters-name.telephones "
                     "adapter-with-thirty-six-letters-name.tokens adapter-with-thirty-six-letters-names.tokens ",
                     "%s", all);
}

static const char *const kept_files[] = {
#define STATE_OWN(name, doc)
#define STATE_KEPT(name, doc) name,
#define STATE_RUNS(name, doc) name,
#define STATE_FREE(name, doc)
#include "runtime/daemon/service/state_folder.def"
};
enum { KEPT_FILES = sizeof kept_files / sizeof *kept_files };

/* The path of a file in the folder; of the snapshots, one of them. */
static const char *kept_at(const char *state, const char *name, const char *end)
{
    static char path[256];
    bool within = strcmp(name, "snapshots") == 0;
    snprintf(path, sizeof path, "%s/%s%s%s", state, name, within ? "/00000000000000000007" : "", end);
    return path;
}

static void file_put(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(file, 0, "%s", path);
    close(file);
}

Test(daemon_lead, a_file_of_the_state_folder_that_was_there_is_missed_by_its_name)
{
    char state[] = "/tmp/gcx-folder-XXXXXX", admin[64], links[64], lock[64], snapshots[64], away[256];
    bool ends;
    cr_assert(mkdtemp(state));
    snprintf(admin, sizeof admin, "%s/admin.sock", state), snprintf(links, sizeof links, "%s/links.sock", state);
    snprintf(lock, sizeof lock, "%s/lock", state), snprintf(snapshots, sizeof snapshots, "%s/snapshots", state);
    struct conf conf = {.state = state, .admin = admin, .links = links, .key_file = ""};
    struct state_folder folder = {.conf = &conf, .lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    cr_assert_null(state_folder_gone(&folder, &ends), "not every site has all of them");
    cr_assert_eq(mkdir(snapshots, 0700), 0);
    for (size_t i = 0; i < KEPT_FILES; i++) file_put(kept_at(state, kept_files[i], ""));
    cr_assert_null(state_folder_gone(&folder, &ends));
    for (size_t i = 0; i < KEPT_FILES; i++) {
        snprintf(away, sizeof away, "%s", kept_at(state, kept_files[i], ".away"));
        cr_assert_eq(rename(kept_at(state, kept_files[i], ""), away), 0);
        const char *gone = state_folder_gone(&folder, &ends);
        cr_assert(gone && strstr(gone, kept_files[i]) && !ends, "%s: %s", kept_files[i], gone ? gone : "nothing");
        cr_assert_eq(rename(away, kept_at(state, kept_files[i], "")), 0);
        cr_assert_null(state_folder_gone(&folder, &ends), "%s is there again", kept_files[i]);
    }
    cr_assert_eq(unlink(lock), 0);
    cr_assert(state_folder_gone(&folder, &ends) && ends, "what is written would be lost");
    for (size_t i = 0; i < KEPT_FILES; i++) unlink(kept_at(state, kept_files[i], ""));
    unlink(kept_at(state, "kept", ""));
    rmdir(snapshots);
    cr_assert_eq(rmdir(state), 0);
    close(folder.lock);
}

struct missed {
    unsigned count;
    char gone[256];
};

static void on_missed(void *self, const char *gone)
{
    struct missed *missed = self;
    missed->count++;
    snprintf(missed->gone, sizeof missed->gone, "%s", gone);
}

/* What a start says of the folder. */
static struct missed missed_at_start(const struct conf *conf)
{
    struct missed missed = {0};
    struct state_folder folder = {.conf = conf, .lock = -1};
    state_folder_missed(&folder, on_missed, &missed);
    return missed;
}

Test(daemon_lead, a_file_that_went_while_nobody_looked_is_missed_by_a_start)
{
    char state[] = "/tmp/gcx-folder-XXXXXX", admin[64], links[64], snapshots[64], away[256];
    bool ends;
    cr_assert(mkdtemp(state));
    snprintf(admin, sizeof admin, "%s/admin.sock", state), snprintf(links, sizeof links, "%s/links.sock", state);
    snprintf(snapshots, sizeof snapshots, "%s/snapshots", state);
    cr_assert_eq(mkdir(snapshots, 0700), 0);
    const struct conf conf = {.state = state, .admin = admin, .links = links, .key_file = ""};
    struct state_folder folder = {.conf = &conf, .lock = -1};
    for (size_t i = 0; i < KEPT_FILES; i++) file_put(kept_at(state, kept_files[i], ""));
    cr_assert_eq(missed_at_start(&conf).count, 0, "a folder of an earlier version has no list");
    cr_assert_null(state_folder_gone(&folder, &ends));
    unlink(admin), unlink(links);
    cr_assert_eq(missed_at_start(&conf).count, 0, "an orderly end takes the sockets away");
    for (size_t i = 0; i < KEPT_FILES; i++) {
        if (strstr(kept_files[i], ".sock")) continue;
        snprintf(away, sizeof away, "%s", kept_at(state, kept_files[i], ".away"));
        cr_assert_eq(rename(kept_at(state, kept_files[i], ""), away), 0);
        struct missed missed = missed_at_start(&conf);
        cr_assert_eq(missed.count, 1, "%s", kept_files[i]);
        cr_assert(strstr(missed.gone, kept_files[i]));
        state_folder_gone(&(struct state_folder){.conf = &conf, .lock = -1}, &ends);
        cr_assert_eq(missed_at_start(&conf).count, 0, "a start that was told to go on without it has done so");
        cr_assert_eq(rename(away, kept_at(state, kept_files[i], "")), 0);
        state_folder_gone(&(struct state_folder){.conf = &conf, .lock = -1}, &ends);
    }
    for (size_t i = 0; i < KEPT_FILES; i++) unlink(kept_at(state, kept_files[i], ""));
    unlink(kept_at(state, "kept", ""));
    rmdir(snapshots);
    cr_assert_eq(rmdir(state), 0);
}

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

Test(daemon_lead, a_file_that_went_together_with_the_list_of_files_is_missed)
{
    char state[] = "/tmp/gcx-folder-XXXXXX", none[] = "", lock[64];
    bool ends;
    cr_assert(mkdtemp(state));
    const struct conf conf = {.state = state, .admin = none, .links = none, .key_file = none};
    snprintf(lock, sizeof lock, "%s/lock", state);
    struct state_folder folder = {.conf = &conf, .lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600)},
                        next = {.conf = &conf, .lock = folder.lock}, last = next;
    struct missed missed = {0};
    file_put(kept_at(state, "links", "")), file_put(kept_at(state, "journal.end", ""));
    cr_assert_null(state_folder_gone(&folder, &ends));
    unlink(kept_at(state, "kept", "")), unlink(kept_at(state, "links", ""));
    state_folder_missed(&next, on_missed, &missed);
    cr_assert(missed.count == 1 && strstr(missed.gone, "links"), "%u", missed.count);
    cr_assert(state_folder_gone(&next, &ends) && !ends);
    cr_assert_eq(access(kept_at(state, "kept", ""), F_OK), 0, "it is written anew");
    cr_assert_eq(ftruncate(folder.lock, 0), 0);
    missed.count = 0;
    state_folder_missed(&last, on_missed, &missed);
    cr_assert_eq(missed.count, 1, "the list alone knows it, as it did of an earlier version");
    unlink(kept_at(state, "kept", "")), unlink(kept_at(state, "journal.end", "")), unlink(lock);
    cr_assert_eq(rmdir(state), 0);
    close(folder.lock);
}

Test(daemon_lead, a_list_of_files_that_could_not_be_written_is_written_by_the_next_look)
{
    char state[] = "/tmp/gcx-folder-XXXXXX", none[] = "", lock[64], in_the_way[64];
    bool ends;
    cr_assert(mkdtemp(state));
    const struct conf conf = {.state = state, .admin = none, .links = none, .key_file = none};
    snprintf(lock, sizeof lock, "%s/lock", state), snprintf(in_the_way, sizeof in_the_way, "%s/kept.new", state);
    struct state_folder folder = {.conf = &conf, .lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    file_put(kept_at(state, "links", ""));
    cr_assert_eq(mkdir(in_the_way, 0700), 0);
    cr_assert_null(state_folder_gone(&folder, &ends));
    cr_assert_neq(access(kept_at(state, "kept", ""), F_OK), 0, "the lock alone has it");
    cr_assert_eq(rmdir(in_the_way), 0);
    cr_assert_null(state_folder_gone(&folder, &ends));
    cr_assert_eq(access(kept_at(state, "kept", ""), F_OK), 0);
    unlink(kept_at(state, "kept", "")), unlink(kept_at(state, "links", "")), unlink(lock);
    cr_assert_eq(rmdir(state), 0);
    close(folder.lock);
}

Test(daemon_lead, a_file_of_an_adapter_that_went_is_missed)
{
    static char name[] = "sip", key[] = "state", none[] = "", chat[] = "chat", value[64];
    static const char *const files[] = {"sip.telephones", "sip.tokens"};
    char state[] = "/tmp/gcx-folder-XXXXXX", away[256];
    bool ends;
    cr_assert(mkdtemp(state));
    snprintf(value, sizeof value, "%s/chat", state);
    struct conf_setting setting = {key, value, 1};
    struct conf_adapter adapters[] = {{.name = name}, {.name = chat, .settings = &setting, .setting_count = 1}};
    struct conf conf = {
        .state = state, .admin = none, .links = none, .key_file = none, .adapters = adapters, .adapter_count = 2};
    struct state_folder folder = {.conf = &conf, .lock = -1};
    static const char *const before[] = {"chat.asks", "chat.callbacks", "chat.workers"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        file_put(kept_at(state, before[i], ""));
        cr_assert_null(state_folder_gone(&folder, &ends));
        unlink(kept_at(state, before[i], ""));
        cr_assert_null(state_folder_gone(&folder, &ends), "an earlier version has left it: it is taken over");
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) file_write(kept_at(state, files[i], ""), "line\n");
    cr_assert_null(state_folder_gone(&folder, &ends));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(away, sizeof away, "%s", kept_at(state, files[i], ".away"));
        cr_assert_eq(rename(kept_at(state, files[i], ""), away), 0);
        const char *gone = state_folder_gone(&folder, &ends);
        cr_assert(gone && !ends && strstr(gone, files[i]), "%s: %s", files[i], gone ? gone : "nothing");
        cr_assert_eq(state_folder_gone(&folder, &ends), gone, "it is told once");
        cr_assert_eq(missed_at_start(&conf).count, 1, "%s", files[i]);
        file_put(kept_at(state, files[i], ""));
        bool told = state_folder_gone(&folder, &ends) != NULL;
        cr_expect_eq(told, i == 1, "%s: a key is never empty; telephones of a version before are, where nobody is",
                     files[i]);
        cr_assert_eq(rename(away, kept_at(state, files[i], "")), 0);
        cr_assert_null(state_folder_gone(&folder, &ends), "%s is there again", files[i]);
    }
    conf.adapter_count = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(kept_at(state, files[i], ""));
    cr_assert_null(state_folder_gone(&folder, &ends), "the configuration has the adapters no more");
    unlink(kept_at(state, "kept", ""));
    cr_assert_eq(rmdir(state), 0);
}
