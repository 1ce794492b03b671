/* runtime/adapters/email/classifier.c - Asks the classifier by HTTP and reads the category from its answer.
 *
 * The classifier is an endpoint like those that strategies call, with one statement made here: its text is the URL
 * with the names of the JSON's members. The number `ref` of a request is the pointer to its question, which the
 * answer brings back. */
#include "runtime/adapters/email/classifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/setting.h"
#include "runtime/sources/endpoint.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"
#include "base/why.h"
#include "vm/request.h"

enum { ANSWER_MAX = 65536, AT_ONCE = 8, WAITING_MAX = 1000, FAILURES = 5 };
/* The members of the JSON that is sent, in the order of question_args(). */
#define MEMBERS "\nsubject\ntext\nlanguage\ncategories"
enum { MEMBER_COUNT = 4 };
static const char name[] = "classifier";
static const uint8_t statement[32] = {1}; /* the endpoint has this one statement */

struct classifier {
    struct endpoints *endpoints;
    classifier_done *done;
    void *self;
    uint64_t timeout_us; /* how long an answer may take by the setting; a step may set less */
};

/* ---- the setting ---- */

static struct endpoint_options options_of(const struct email_setting *setting)
{
    return (struct endpoint_options){.name = name,
                                     .url = "", /* the text of the request has the URL */
                                     .header_file = setting->classifier_header_file,
                                     .ca_file = setting->classifier_ca,
                                     .answer = "json",
                                     .at = "",
                                     .request_file = "",
                                     .content_type = "",
                                     .timeout_us = setting->classifier_timeout * SECOND_US,
                                     .connect_us = setting->classifier_timeout * SECOND_US,
                                     .bytes_max = ANSWER_MAX,
                                     .connections = AT_ONCE,
                                     .waiting_max = WAITING_MAX,
                                     .failures = FAILURES,
                                     .retry_us = SECOND_US,
                                     .retry_max_us = 30 * SECOND_US};
}

bool classifier_check(const struct email_setting *setting, char *why, size_t why_size)
{
    const char *url = setting->classifier;
    if (!*url) return true;
    struct http_request request = {.url = {url, (uint32_t)strlen(url)}};
    struct endpoint_options options = options_of(setting);
    struct error error;
    const char *wrong = strpbrk(url, "\n{") ? "this cannot stand in it" : request_url(&request, 0);
    if (!wrong && request_root(request.url) == 0) wrong = "it names no host";
    if (wrong) return why_set(why, why_size, "classifier: `%s`: %s", url, wrong);
    if (endpoint_check(&options, &error)) return true;
    return why_set(why, why_size, "classifier: %s", error.text);
}

/* ---- a life ---- */

static void classifier_on_done(void *self, struct span frame)
{
    struct classifier *classifier = self;
    struct message answer;
    if (!message_read(&answer, frame.bytes, frame.length, NULL)) abort();
    classifier->done(classifier->self, (void *)(uintptr_t)message_u(&answer, ENVELOPE_ref), &answer);
}

struct classifier *classifier_new(const struct email_setting *setting, classifier_done *done, void *self, char *why,
                                  size_t why_size)
{
    struct classifier *classifier = memory_zeroed(1, sizeof *classifier);
    struct endpoint_options options = options_of(setting);
    struct error error;
    *classifier =
        (struct classifier){endpoints_new(&(struct endpoints_options){.done = classifier_on_done, .self = classifier}),
                            done, self, options.timeout_us};
    if (!endpoints_add(classifier->endpoints, &options, &error)) {
        snprintf(why, why_size, "classifier: %s", error.text);
        classifier_free(classifier);
        return NULL;
    }
    char *text = g_strconcat(setting->classifier, MEMBERS, NULL);
    endpoints_statement(classifier->endpoints, statement, text, (uint32_t)strlen(text), MEMBER_COUNT, true, true);
    g_free(text);
    return classifier;
}

void classifier_free(struct classifier *classifier)
{
    if (!classifier) return;
    endpoints_free(classifier->endpoints);
    free(classifier);
}

/* ---- questions ---- */

static void classifier_put(struct kv *kv, const char *key, const char *text, size_t most)
{
    char *good = g_utf8_make_valid(text, (gssize)strnlen(text, most));
    size_t length = strlen(good);
    if (length > most) { /* U+FFFD in place of an invalid byte has three bytes */
        const char *end = g_utf8_find_prev_char(good, good + most + 1);
        length = end ? (size_t)(end - good) : 0;
    }
    kv_put_text(kv, key, (struct span){(const uint8_t *)good, (uint32_t)length});
    g_free(good);
}

static void question_args(struct kv *kv, const struct classifier_question *question)
{
    classifier_put(kv, "subject", question->subject, CLASSIFIER_SUBJECT_MAX);
    classifier_put(kv, "text", question->text, CLASSIFIER_TEXT_MAX);
    classifier_put(kv, "language", question->language, CLASSIFIER_SUBJECT_MAX);
    if (!question->categories) {
        kv_put_none(kv, "categories");
        return;
    }
    kv_list_begin(kv, span_of("categories"));
    size_t left = CLASSIFIER_CATEGORIES_MAX;
    for (char *const *one = question->categories; *one && strlen(*one) + 8 < left; one++) {
        kv_put_text(kv, "item", span_of(*one));
        left -= strlen(*one) + 8;
    }
    kv_list_end(kv);
}

/* Asks the classifier. The step's timeout is used if it is shorter than the setting's. */
void classifier_ask(struct classifier *classifier, const struct classifier_question *question, void *as)
{
    struct writer writer;
    struct message message;
    struct kv kv;
    kv_init(&kv);
    question_args(&kv, question);
    writer_init(&writer);
    writer_begin(&writer, KIND_HttpRequest);
    writer_u(&writer, ENVELOPE_ref, (uint64_t)(uintptr_t)as);
    bool sooner = question->timeout_us != 0 && question->timeout_us < classifier->timeout_us;
    writer_i(&writer, ENVELOPE_timeout, (int64_t)(sooner ? question->timeout_us : classifier->timeout_us));
    writer_text(&writer, HttpRequest_endpoint, name);
    writer_u(&writer, HttpRequest_method, method_post);
    writer_kv(&writer, HttpRequest_args, &kv);
    writer_bytes(&writer, HttpRequest_statement, (struct span){statement, sizeof statement});
    struct span frame = writer_end(&writer);
    if (!message_read(&message, frame.bytes, frame.length, NULL)) abort();
    endpoints_request(classifier->endpoints, &message);
    writer_free(&writer);
    kv_free(&kv);
}

/* ---- answers ---- */

static void classifier_nonsense(struct classifier_answer *answer, const char *what)
{
    answer->code = code_unavailable;
    snprintf(answer->why, answer->why_size, "classifier: its answer has no %s", what);
}

static void classifier_find(struct classifier_answer *answer, struct span category)
{
    g_ptr_array_add(answer->found, g_strndup((const char *)category.bytes, category.length));
}

/* {"categories": ["insult", "order"]} */
static void read_categories(struct span answered, struct classifier_answer *answer)
{
    struct kv_value list;
    struct kv_pair pair;
    uint32_t at = 0;
    if (!kv_get(answered, "categories", &list) || list.tag != KV_LIST) {
        classifier_nonsense(answer, "list `categories`");
        return;
    }
    while (kv_next(list.span, &at, &pair))
        if (pair.value.tag == KV_TEXT) classifier_find(answer, pair.value.span);
}

/* {"category": "order", "confidence": 0.9} */
static void classifier_read_category(struct span answered, uint64_t sure, struct classifier_answer *answer)
{
    struct kv_value category, confidence;
    if (!kv_get(answered, "category", &category) || (category.tag != KV_TEXT && category.tag != KV_NONE)) {
        classifier_nonsense(answer, "text `category`");
        return;
    }
    double share = !kv_get(answered, "confidence", &confidence) ? -1
                   : confidence.tag == KV_FLOAT                 ? confidence.number
                   : confidence.tag == KV_INT                   ? (double)confidence.word
                                                                : -1;
    if (category.tag == KV_TEXT && !(share >= 0 && share <= 1)) {
        classifier_nonsense(answer, "number `confidence` from 0 to 1");
        return;
    }
    if (category.tag == KV_NONE || category.span.length == 0 || share * 100 < (double)sure)
        answer->code = code_unsure;
    else
        classifier_find(answer, category.span);
}

void classifier_read(const struct message *message, bool screened, uint64_t sure, struct classifier_answer *answer)
{
    struct kv_value value;
    answer->code = code_ok;
    if (message_u(message, EventDone_outcome) != outcome_ok) {
        struct span text = message_text(message, EventDone_text);
        answer->code = code_unavailable;
        snprintf(answer->why, answer->why_size, "%.*s", (int)text.length, (const char *)text.bytes);
    } else if (!kv_get(message_text(message, EventDone_value), "answer", &value) || value.tag != KV_LIST) {
        classifier_nonsense(answer, "object");
    } else if (screened) {
        read_categories(value.span, answer);
    } else {
        classifier_read_category(value.span, sure, answer);
    }
}
