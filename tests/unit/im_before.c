/* tests/unit/im_before.c - States of workers that the last release kept in a file (tests/unit/golden/im_10.workers) are
 * rows of the contact store, once and as they were. */
#include <string.h>

#include "runtime/adapters/im/im.h"
#include "base/memory.h"
#include "tests/unit/before_world.h"
#include "tests/unit/sql_world.h"

static void im_lives(const char *lee, const char *kim)
{
    static struct worker_row workers[] = {
        {"lee", "lee@example.org"}, {"kim", "kim@example.org"}, {"new", "new@example.org"}};
    char why[300] = "";
    struct im *im = memory_zeroed(1, sizeof *im);
    im->services = &before_services;
    im->setting = (struct im_setting){
        .store = before_target, .country = "", .state = before_state, .all_workers = g_ptr_array_new()};
    for (unsigned i = 0; i < 3; i++) g_ptr_array_add(im->setting.all_workers, &workers[i]);
    conversations_init(&im->conversations, NULL, &before_services, &im_way, im);
    im->conversations.setting = CONVERSATION_SETTING_OF(&im->setting);
    experts_init(im);
    experts_open(im);
    cr_assert(conversations_open(&im->conversations, before_base, NULL, why, sizeof why), "%s", why);
    const char *const states[] = {lee, kim, "logged_out"};
    for (unsigned i = 0; i < 3; i++) {
        const struct expert *expert = g_hash_table_lookup(im->experts, workers[i].agent);
        cr_expect_str_eq(enum_name_agent_state(expert->is.state), states[i], "%s", workers[i].agent);
    }
    conversations_stop(&im->conversations);
    conversations_free(&im->conversations);
    experts_free(im);
    g_ptr_array_free(im->setting.all_workers, TRUE);
    free(im);
}

Test(im_before, states_of_workers_are_taken_over_once, .init = before_begin, .fini = before_end)
{
    char *file = before_golden("im_10.workers");
    before_file_put(".workers", file);
    im_lives("ready", "not_ready");
    cr_expect(!before_file_there(".workers"), "they are rows now");
    cr_expect_str_eq(before_memo("kim", "saved"), "{\"state\":2,\"reason\":\"dnd\"}");
    im_lives("ready", "not_ready");
    /* Killed before the file was removed; the state has changed since. */
    sql_world_asks(before_target, "UPDATE post_memos SET saved = '{\"state\":1,\"reason\":\"\"}' WHERE name = 'lee'");
    before_file_put(".workers", file);
    im_lives("logged_out", "not_ready");
    cr_expect(!before_file_there(".workers"));
    cr_expect_str_eq(before_logged->str, "");
    g_free(file);
}
