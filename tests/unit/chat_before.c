/* tests/unit/chat_before.c - Call-backs that the last release kept in a file (tests/unit/golden/chat_10.callbacks) are
 * rows of the contact store, once and as they were. */
#include <string.h>

#include "runtime/adapters/chat/callback.h"
#include "runtime/adapters/chat/chat.h"
#include "base/memory.h"
#include "tests/unit/before_world.h"
#include "tests/unit/sql_world.h"

/* A process of a site whose setting `callbacks` is this one: it begins, and ends in order. */
static void chat_lives_with(const char *offered)
{
    char why[300] = "";
    struct chat *chat = memory_zeroed(1, sizeof *chat);
    chat->services = &before_services;
    chat->setting = (struct chat_setting){.store = before_target,
                                          .country = "FR",
                                          .state = before_state,
                                          .callbacks = offered,
                                          .callback_numbers = "+33",
                                          .callback_hours = "",
                                          .callback_zone = ""};
    conversations_init(&chat->conversations, NULL, &before_services, &chat_way, chat);
    chat->conversations.setting = CONVERSATION_SETTING_OF(&chat->setting);
    chat->callbacks = callbacks_new(chat, why, sizeof why);
    cr_assert_eq(chat->callbacks != NULL, *offered != '\0', "%s", why);
    cr_assert(conversations_open(&chat->conversations, before_base, NULL, why, sizeof why), "%s", why);
    conversations_stop(&chat->conversations);
    callbacks_free(chat->callbacks);
    conversations_free(&chat->conversations);
    free(chat);
}

static void chat_lives(void)
{
    chat_lives_with("1800");
}

static char *digest(const char *id)
{
    char *all = g_compute_checksum_for_string(G_CHECKSUM_SHA256, id, -1);
    all[32] = '\0';
    return all;
}

Test(chat_before, call_backs_are_taken_over_once, .init = before_begin, .fini = before_end)
{
    char *file = before_golden("chat_10.callbacks"), *later = digest("uCxJyRPOXY7S2k9BoHxCcPM6bgcHQ9Rs"),
         *over = digest("nwYqzz5YKH5-Zhjbfgs8bOWNZq_p2kJf");
    before_file_put(".callbacks", file);
    chat_lives();
    cr_expect(!before_file_there(".callbacks"), "they are rows now");
    cr_expect_str_eq(sql_world_asks(before_target, "SELECT version FROM gcx_store"), "16");
    cr_expect_str_eq(
        sql_world_asks(before_target, "SELECT count(*) FROM post_memos WHERE kind = 'callback' AND owner = '1/'"), "5");
    cr_expect_str_eq(before_memo(later, "person"), "+33145550102");
    cr_expect_str_eq(before_memo(later, "saved"),
                     "{\"state\":1,\"due\":1795879800,\"asked\":1795878924,\"ixn\":0,\"now\":false,\"reached\":false,"
                     "\"unsure\":false,\"over\":0,\"reason\":\"\"}");
    cr_expect_str_eq(before_memo(over, "person"), "none");
    cr_expect_str_eq(
        sql_world_asks(before_target,
                       "SELECT count(*) FROM post_memos WHERE saved LIKE '%uCxJyRPOXY7S2k9B%' OR saved LIKE '%+33%'"),
        "0", "neither the secret of its customer nor the number");
    cr_expect_str_eq(before_logged->str, "");
    /* Killed before the file was removed, and its customer erased before the next start. */
    sql_world_asks(before_target, "UPDATE post_memos SET person = '' WHERE person = '+33145550102'");
    before_file_put(".callbacks", file);
    chat_lives();
    cr_expect(!before_file_there(".callbacks"));
    cr_expect_str_eq(before_memo(later, "person"), "", "the store's is newer");
    cr_expect_str_eq(sql_world_asks(before_target, "SELECT count(*) FROM post_memos"), "5");
    g_free(file), g_free(later), g_free(over);
}

Test(chat_before, what_is_damaged_of_call_backs_is_told, .init = before_begin, .fini = before_end)
{
    char *name = digest("of-no-use");
    before_file_put(".callbacks", "{\"id\":\"half\n{\"id\":\"of-no-use\",\"number\":\"+33145550109\",\"state\":1}\n");
    chat_lives();
    char *told = g_strdup_printf("call-back %s: what the last process has left of it is of no use\n", name);
    cr_expect(strstr(before_logged->str, ".callbacks: 1 of 2 lines are damaged") && strstr(before_logged->str, told),
              "%s", before_logged->str);
    cr_expect_str_eq(sql_world_asks(before_target, "SELECT count(*) FROM post_memos"), "0");
    sql_world_asks(before_target,
                   "INSERT INTO post_memos(kind, owner, name, saved, changed) VALUES('callback', '1/', 'x', '{', 1)");
    g_string_truncate(before_logged, 0);
    chat_lives();
    cr_expect_str_eq(before_logged->str, "call-back x: what the last process has left of it is of no use\n");
    g_string_truncate(before_logged, 0);
    chat_lives();
    cr_expect_str_eq(before_logged->str, "", "it is told once");
    g_free(told), g_free(name);
}

Test(chat_before, a_site_that_offers_no_call_backs_for_a_while_keeps_those_that_wait, .init = before_begin,
     .fini = before_end)
{
    char *file = before_golden("chat_10.callbacks");
    before_file_put(".callbacks", file);
    chat_lives();
    before_file_put(".callbacks", file);
    chat_lives_with("");
    cr_expect_str_eq(sql_world_asks(before_target, "SELECT count(*) FROM post_memos"), "5");
    cr_expect(before_file_there(".callbacks"), "it waits for a process that offers them");
    cr_expect_str_eq(before_logged->str, "");
    g_free(file);
}
