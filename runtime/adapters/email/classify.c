/* runtime/adapters/email/classify.c - Answers the effect Classify by the file of rules, then by the classifier. The
 * post office's thread reads a body that is in the contact store; a text for which no rule matches goes from the
 * thread here through the loop to the classifier, and the answer comes back the same way.
 *
 * Thousands of rules may take a second for a long text. The post office's thread could keep no mail meanwhile: so
 * the rules have a thread of their own.
 *
 * The steps of a question: loop (classify_ask) --> post office (body) --> loop --> thread (rules) --> loop -->
 * classifier's thread --> thread --> loop (classify_post). The question ends as soon as an answer is known, and steps
 * that are not needed are skipped. `ruled` and `answered` show which steps are done; the question is freed when its
 * answer is posted. `out` has the questions at the classifier, so that they are freed when the adapter ends. */
#include "runtime/adapters/email/email.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/classifier.h"
#include "runtime/adapters/email/rules.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_host.h"
#include "base/file.h"
#include "base/memory.h"
#include "runtime/sources/head.h"
#include "runtime/vocabulary/rows.h"
#include "base/why.h"

enum { CLASSIFY_WAITING_MAX = 1000 };

struct classify_request {
    struct email *email;
    uint64_t ixn, ref, timeout_us;
    GString *text; /* subject and text, or only the subject until the body is read */
    gsize subject; /* bytes of it */
    int64_t part;  /* the store's part with the body; 0: the body is in `text` */
    char *language, **categories;
    bool screen;
    /* Made by the threads: */
    bool ruled, answered; /* the rules are done, the classifier has answered */
    unsigned code;
    GPtrArray *found; /* of char */
    char why[300];
};

struct classify {
    struct email *email;
    struct worker *worker;
    struct classifier *classifier; /* NULL: none is set */
    struct head head;              /* of the classifier */
    struct probe *probe;           /* checks whether the classifier is up */
    GHashTable *out;               /* of struct classify_request: questions that the classifier has */
    unsigned reading;              /* number of bodies that the post office is reading */
    /* The thread's: */
    struct rules *rules;           /* NULL: none are set */
    _Atomic(struct rules *) fresh; /* rules from a changed file, until the thread takes them; NULL: none */
};

static void asked_free(void *given)
{
    struct classify_request *asked = given;
    g_string_free(asked->text, TRUE);
    g_free(asked->language);
    g_strfreev(asked->categories);
    g_ptr_array_free(asked->found, TRUE);
    free(asked);
}

/* ---- the file ---- */

static struct rules *classify_read_rules(const char *path, char *why, size_t why_size)
{
    const char *reason;
    size_t length;
    char said[200];
    char *text = file_read(path, RULES_FILE_MAX, &length, &reason);
    struct rules *rules = text ? rules_read(text, length, said, sizeof said) : NULL;
    if (!rules) snprintf(why, why_size, "rules: %s: %s", path, text ? said : reason);
    free(text);
    return rules;
}

bool classify_check(const char *path, char *why, size_t why_size)
{
    if (!*path) return true;
    struct rules *rules = classify_read_rules(path, why, why_size);
    rules_free(rules);
    return rules != NULL;
}

void classify_look(const struct gcx_look *look, const char *path)
{
    char why[300], said[100];
    struct gcx_site_name of_site;
    bool words;
    struct rules *rules = *path ? classify_read_rules(path, why, sizeof why) : NULL;
    if (!rules) return; /* check() has reported the mistake */
    if (!rules_category(rules, 0, &words)) look_tell(look, CHECK_rules_words, "rules", LOOK_WORDS(path, "its text"));
    const char *name;
    for (size_t i = 0; (name = rules_category(rules, i, &words)); i++) {
        snprintf(said, sizeof said, "category %s", name);
        if (!words) look_tell(look, CHECK_rules_words, "rules", LOOK_WORDS(path, said));
        if (look_site_known(look) && !look_site_has(look, "category", name, &of_site))
            look_tell(look, CHECK_rules_category, "rules", LOOK_WORDS(path, name));
    }
    rules_free(rules);
}

/* Reads the file of rules again; if it cannot be read the old rules stay. The thread takes the new rules before its
 * next text; new rules that it has not taken yet are replaced. */
static bool classify_again(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct classify *classify = self;
    struct rules *rules = classify_read_rules(classify->email->setting.rules, why, why_size);
    (void)lost;
    if (rules) rules_free(atomic_exchange(&classify->fresh, rules));
    return rules != NULL;
}

void classify_watched(struct classify *classify, struct watched_files *files)
{
    watched_by(files, "rules", classify_again, classify);
}

/* ---- in the thread of the rules ---- */

static void classify_take_fresh(struct classify *classify)
{
    struct rules *rules = atomic_exchange(&classify->fresh, NULL);
    if (!rules) return;
    rules_free(classify->rules);
    classify->rules = rules;
}

static void ask_rules(const struct rules *rules, struct classify_request *asked)
{
    assert(!asked->screen || asked->categories);
    if (asked->screen) {
        for (char **category = asked->categories; *category; category++)
            if (rules_found(rules, *category, asked->text->str)) g_ptr_array_add(asked->found, g_strdup(*category));
        return;
    }
    const char *category = rules_classify(rules, asked->text->str);
    if (category)
        g_ptr_array_add(asked->found, g_strdup(category));
    else
        asked->code = code_unsure;
}

static void classify_work(void *self, void *job)
{
    struct classify *classify = self;
    struct classify_request *asked = job;
    if (asked->ruled) return; /* the rules were tried before the classifier was asked */
    asked->ruled = true;
    classify_take_fresh(classify);
    for (gsize at = 0; at < asked->text->len; at++) /* the text after a NUL would be ignored */
        if (asked->text->str[at] == 0) asked->text->str[at] = ' ';
    if (classify->rules) ask_rules(classify->rules, asked);
}

/* Takes the classifier's answer, in its thread, and gives the question back to the rules' thread. */
static void classify_classified(void *self, void *question, const struct message *message)
{
    struct classify *classify = self;
    struct classify_request *asked = question;
    assert(!asked->answered);
    struct classifier_answer answer = {.found = asked->found, .why = asked->why, .why_size = sizeof asked->why};
    classifier_read(message, asked->screen, classify->email->setting.classifier_sure, &answer);
    asked->code = answer.code;
    asked->answered = true;
    worker_give(classify->worker, asked);
}

/* ---- in the loop ---- */

static void ask_classifier(struct classify *classify, struct classify_request *asked)
{
    assert(classify->classifier && asked->subject < asked->text->len);
    char *subject = g_strndup(asked->text->str, asked->subject);
    struct classifier_question question = {.subject = subject,
                                           .text = asked->text->str + asked->subject + 1,
                                           .language = asked->language,
                                           .categories = asked->screen ? asked->categories : NULL,
                                           .timeout_us = asked->timeout_us};
    g_hash_table_add(classify->out, asked);
    classifier_ask(classify->classifier, &question, asked);
    g_free(subject);
}

/* Posts the answer. The answer has a value only if the classification succeeded; the reason `why` of a failure goes to
 * the log, and not to the core. */
static void classify_post(struct classify *classify, const struct classify_request *asked)
{
    struct email *email = classify->email;
    struct writer *writer = &email->writer;
    struct kv kv;
    kv_init(&kv);
    for (guint i = 0; i < asked->found->len; i++) kv_put_text(&kv, "category", span_of(asked->found->pdata[i]));
    if (asked->why[0]) email->services->log(email->link, GCX_LOG_ERROR, asked->ixn, 0, "%s", asked->why);
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, asked->ixn);
    writer_u(writer, ENVELOPE_ref, asked->ref);
    writer_u(writer, EventDone_outcome, asked->code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, asked->code);
    if (asked->code == code_ok) writer_kv(writer, EventDone_value, &kv);
    email_post(email); /* if the answer cannot be posted, the step ends by its own timeout */
    kv_free(&kv);
}

/* Takes a question back from the thread; the classifier is asked only if no rule matched. */
static void classify_done(void *self, void *job)
{
    struct classify *classify = self;
    struct classify_request *asked = job;
    bool silent = asked->code != code_unavailable && asked->found->len == 0;
    const struct email *email = classify->email;
    g_hash_table_remove(classify->out, asked);
    if (asked->answered)
        email->services->count(email->link, asked->code == code_unavailable ? "classify_failed" : "classified", 1);
    if (asked->answered && asked->code == code_unavailable) probe_now(classify->probe);
    if (classify->classifier && silent && !asked->answered) {
        ask_classifier(classify, asked);
        return;
    }
    classify_post(classify, asked);
    asked_free(asked);
}

static void classify_dropped(void *self, void *job)
{
    g_hash_table_remove(((struct classify *)self)->out, job);
    asked_free(job);
}

static char **categories_of(const struct message *effect)
{
    GPtrArray *all = g_ptr_array_new();
    uint32_t at = 0;
    struct span one;
    while (message_next_text(message_text(effect, Classify_categories), &at, &one) && all->len < RULES_CATEGORIES_MAX)
        g_ptr_array_add(all, g_strndup((const char *)one.bytes, one.length));
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

static int64_t classify_part(const struct message *effect)
{
    struct message blob;
    if (!message_has(effect, Classify_body)) return 0;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(effect, Classify_body));
    struct span key = message_text(&blob, Blob_key);
    char digits[24];
    return text_set_span(digits, sizeof digits, key) ? g_ascii_strtoll(digits, NULL, 10) : 0;
}

static void classify_add_span(GString *text, struct span span)
{
    g_string_append_len(text, (const char *)span.bytes, span.length);
    g_string_append_c(text, '\n');
}

/* ---- the body ---- */

static bool classify_add_piece(void *self, struct span piece)
{
    GString *text = self;
    g_string_append_len(text, (const char *)piece.bytes, piece.length);
    return text->len <= RULES_TEXT_MAX;
}

/* Reads the body from the store, in the post office's thread. */
static bool classify_read_body(void *self, struct store *store, struct error *error)
{
    const struct classify_request *asked = self;
    return store_owns(store, "", STORE_OF_part, asked->part, error) &&
           store_read(store, asked->part, classify_add_piece, asked->text, error);
}

static void classify_has_body(void *self, bool good, const struct error *error)
{
    struct classify_request *asked = self;
    struct classify *classify = asked->email->classify;
    if (!classify) { /* the adapter ends, and has freed `classify` */
        asked_free(asked);
        return;
    }
    classify->reading--;
    asked->ruled = !good;
    if (!good) asked->code = code_unavailable;
    if (!good) snprintf(asked->why, sizeof asked->why, "contact store: %s", error->text);
    worker_give(classify->worker, asked);
}

/* ---- a question ---- */

/* Begins a question. The text follows the subject after a line feed; `subject` is the subject's length. */
void classify_ask(struct classify *classify, const struct message *effect)
{
    struct classify_request *asked = memory_zeroed(1, sizeof *asked);
    struct span language = message_text(effect, Classify_language);
    asked->email = classify->email;
    asked->ixn = message_u(effect, ENVELOPE_ixn);
    asked->ref = message_u(effect, ENVELOPE_ref);
    asked->timeout_us = (uint64_t)MAX(message_i(effect, ENVELOPE_timeout), 0);
    asked->text = g_string_new(NULL);
    classify_add_span(asked->text, message_text(effect, Classify_subject));
    asked->subject = asked->text->len - 1;
    classify_add_span(asked->text, message_text(effect, Classify_text));
    asked->language = g_strndup(language.bytes ? (const char *)language.bytes : "", language.length);
    asked->part = classify_part(effect);
    asked->categories = categories_of(effect);
    asked->screen = message_u(effect, Classify_screen) != 0;
    asked->found = g_ptr_array_new_with_free_func(g_free);
    asked->code = code_ok;
    bool may =
        classify->worker &&
        worker_waiting(classify->worker) + g_hash_table_size(classify->out) + classify->reading < CLASSIFY_WAITING_MAX;
    if (may && asked->part != 0) {
        classify->reading++;
        office_errand(asked->email->office,
                      &(struct post_errand){
                          .self = asked, .work = classify_read_body, .done = classify_has_body, .dropped = asked_free});
        return;
    }
    if (may) {
        worker_give(classify->worker, asked);
        return;
    }
    asked->code = code_unavailable;
    snprintf(asked->why, sizeof asked->why, "%s",
             classify->worker ? "too many texts wait to be classified"
                              : "neither `rules` nor `classifier` is set, so no text is classified");
    classify_post(classify, asked);
    asked_free(asked);
}

/* Makes the parts in the order in which they are needed; classify_free() frees those that exist. */
static bool classify_start(struct classify *classify, struct event_base *base, char *why, size_t why_size)
{
    const struct email_setting *setting = &classify->email->setting;
    struct worker_calls calls = {classify, classify_work, classify_done, classify_dropped, NULL};
    const struct probe_calls looks = HEAD_CALLS(&classify->head);
    if (*setting->rules) {
        classify->rules = classify_read_rules(setting->rules, why, why_size);
        if (!classify->rules) return false;
    }
    if (*setting->classifier &&
        !(classify->classifier = classifier_new(setting, classify_classified, classify, why, why_size)))
        return false;
    classify->worker = worker_new(base, &calls);
    classify->head = (struct head){setting->classifier, setting->classifier_ca, 0};
    if (classify->classifier)
        classify->probe = probe_new(classify->email->link, classify->email->services, "classifier", &looks);
    return classify->worker || why_set(why, why_size, "no thread can be had");
}

struct classify *classify_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct classify *classify = memory_zeroed(1, sizeof *classify);
    classify->email = email;
    classify->out = g_hash_table_new(NULL, NULL);
    if (!*email->setting.rules && !*email->setting.classifier) return classify;
    if (classify_start(classify, base, why, why_size)) return classify;
    classify_free(classify);
    return NULL;
}

static void classify_forget(gpointer asked, gpointer value, gpointer unused)
{
    (void)value, (void)unused;
    asked_free(asked);
}

/* Frees all: first the classifier, which gives questions to the worker; then the questions that neither has given
 * back. */
void classify_free(struct classify *classify)
{
    if (!classify) return;
    probe_free(classify->probe);
    classifier_free(classify->classifier);
    worker_free(classify->worker);
    g_hash_table_foreach(classify->out, classify_forget, NULL);
    g_hash_table_destroy(classify->out);
    rules_free(classify->rules);
    rules_free(classify->fresh);
    free(classify);
}
