/* runtime/adapters/desk/code.c - Has a code sent for the address that a chat's customer has typed: who types the code
 * into the chat has the address. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"

static const char code_subject[] = "Your code";
static const char code_text[] = "Your code is {}. Please type it into the chat. It holds for ten minutes.\n\nIf you "
                                "are in no chat with us, somebody "
                                "else has typed your address, and you need do nothing.";

/* The code goes as an e-mail to the address that was typed, or as a text to a number of the contact who has it. */
static void code_sent(struct desk_agent *agent, const struct desk_job *job, const char *text)
{
    const struct desk_setting *setting = &agent->desk->setting;
    const char *number = json_string_value(json_object_get(job->out, "number"));
    if (number) {
        char *key = g_strdup_printf("code-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, desk_job_number(job, "interaction"),
                                    job->wall_us);
        struct desk_request *request = said_text_asked(agent, job->id, number, key, text, true);
        request->ticket = job->ticket;
        core_send(request);
        g_free(key);
        return;
    }
    json_t *mail =
        json_pack("{s:[O], s:s, s:s, s:b}", "to", json_object_get(job->out, "address"), "subject",
                  *setting->code_subject ? setting->code_subject : code_subject, "text", text, "instant", true);
    const char *wrong = mail_send(agent, NULL, mail, job->id);
    if (wrong) agent_reply(agent, job->ticket, job->id, "invalid", wrong, NULL);
    json_decref(mail);
}

static void code_made(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    const char *code = json_string_value(json_object_get(job->out, "code"));
    bool away = !job->good && store_again(&job->error);
    if (!agent) return;
    if (!job->good || !code) {
        agent_reply(agent, job->ticket, job->id, away ? "store" : "invalid", away ? NULL : job->error.text, NULL);
        return;
    }
    char **halves = g_strsplit(*desk->setting.code_text ? desk->setting.code_text : code_text, "{}", 2),
         *text = g_strjoinv(code, halves);
    code_sent(agent, job, text);
    g_free(text);
    g_strfreev(halves);
}

/* Returns why no code can go this way; NULL: one can. */
static const char *code_no_way(const struct desk_setting *setting, bool texts)
{
    if (texts && !*setting->texts) return "No text is sent from this desk: its setting `texts` is not set.";
    return !texts && !*setting->outbound ? "No e-mail is sent from this desk: its setting `outbound` is not set."
                                         : NULL;
}

void said_on_code(struct desk_said *said)
{
    struct item *item = said_item_for(said, ACT_answer);
    if (!item) return;
    if (item->stored == 0) {
        said_refuse(said, "invalid", "ixn: the contact store does not have it");
        return;
    }
    bool texts = strcmp(said_text(said, "by"), "sms") == 0;
    const char *no_way = code_no_way(&said->desk->setting, texts);
    if (no_way) {
        said_refuse(said, "unsupported", no_way);
        return;
    }
    struct desk_job *job =
        desk_job_new(said->desk, json_pack("{s:I, s:b}", "interaction", (json_int_t)item->stored, "texts", (int)texts));
    text_set(job->agent, sizeof job->agent, said->agent->name);
    job->work = desk_keep_code;
    job->done = code_made;
    job->ticket = said->agent->ticket;
    job->id = said->id;
    desk_job_give(said->desk, job);
}
