/* runtime/quality/form.c - Reads a form, and adds up what was answered. See form.h. */
#include "runtime/quality/form.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* A form while it is read. */
struct form_reading {
    struct form *form;
    struct form_question *question; /* whose section is read; NULL: the form's own lines */
    unsigned line;
    struct error *error;
};

static bool quality_form_wrong(const struct form_reading *reading, const char *why)
{
    return error_set(reading->error, ERROR_INPUT, "form %.64s, line %u: %s", reading->form->name, reading->line, why);
}

static bool quality_form_name_good(const char *name)
{
    if (!*name || strlen(name) >= FORM_NAME) return false;
    for (; *name; name++)
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_') return false;
    return true;
}

static bool quality_form_begins_question(struct form_reading *reading, char *line)
{
    char *end = strchr(line, ']');
    if (!end || end[1]) return quality_form_wrong(reading, "a question begins as [NAME]");
    *end = '\0';
    if (!quality_form_name_good(line + 1))
        return quality_form_wrong(reading, "a question's name has small letters, digits and _, 64 at most");
    if (quality_form_question_of(reading->form, line + 1) >= 0)
        return quality_form_wrong(reading, "this question stands there twice");
    if (reading->form->count == FORM_QUESTIONS_MAX)
        return quality_form_wrong(reading, "a form has 50 questions at most");
    reading->question = &reading->form->questions[reading->form->count++];
    snprintf(reading->question->name, FORM_NAME, "%s", line + 1);
    return true;
}

static bool quality_form_take_text(const struct form_reading *reading, char *field, const char *value)
{
    if (*field) return quality_form_wrong(reading, "this stands there twice");
    if (!*value || strlen(value) >= FORM_TEXT) return quality_form_wrong(reading, "a text has 1 to 400 bytes");
    snprintf(field, FORM_TEXT, "%s", value);
    return true;
}

static bool quality_form_take_number(const struct form_reading *reading, unsigned *field, const char *value)
{
    char *end;
    unsigned long number = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;
    if (number < 1 || number > FORM_POINTS_MAX || *end)
        return quality_form_wrong(reading, "this is a number from 1 to 100");
    if (*field) return quality_form_wrong(reading, "this stands there twice");
    *field = (unsigned)number;
    return true;
}

static bool quality_form_take_yes(const struct form_reading *reading, bool *field, const char *value)
{
    if (strcmp(value, "yes") != 0) return quality_form_wrong(reading, "this is yes, or the line is left out");
    *field = true;
    return true;
}

static bool quality_form_take(struct form_reading *reading, const char *key, const char *value)
{
    struct form_question *question = reading->question;
    if (!question && strcmp(key, "title") == 0) return quality_form_take_text(reading, reading->form->title, value);
    if (!question) return quality_form_wrong(reading, "before the first question there is `title`");
    if (strcmp(key, "asks") == 0) return quality_form_take_text(reading, question->asks, value);
    if (strcmp(key, "hint") == 0) return quality_form_take_text(reading, question->hint, value);
    if (strcmp(key, "points") == 0) return quality_form_take_number(reading, &question->points, value);
    if (strcmp(key, "weight") == 0) return quality_form_take_number(reading, &question->weight, value);
    if (strcmp(key, "skips") == 0) return quality_form_take_yes(reading, &question->skips, value);
    if (strcmp(key, "fails") == 0) return quality_form_take_yes(reading, &question->fails, value);
    return quality_form_wrong(reading, "a question has asks, hint, points, weight, skips, fails");
}

/* Takes the blanks from both ends of the text, in its place. */
static char *quality_form_trimmed(char *text)
{
    while (isspace((unsigned char)*text)) text++;
    for (size_t length = strlen(text); length > 0 && isspace((unsigned char)text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

static bool quality_form_line(struct form_reading *reading, char *line)
{
    char *text = quality_form_trimmed(line), *equals;
    if (!*text || *text == '#') return true;
    for (const char *at = text; *at; at++)
        if (iscntrl((unsigned char)*at) && *at != '\t')
            return quality_form_wrong(reading, "there is a control character");
    if (*text == '[') return quality_form_begins_question(reading, text);
    if (!(equals = strchr(text, '='))) return quality_form_wrong(reading, "expected KEY = VALUE, or [QUESTION]");
    *equals = '\0';
    return quality_form_take(reading, quality_form_trimmed(text), quality_form_trimmed(equals + 1));
}

/* What must hold of the whole form; what was left out gets its usual value. */
static bool quality_form_whole(const struct form_reading *reading)
{
    struct form *form = reading->form;
    if (form->count == 0) return quality_form_wrong(reading, "the form has no question");
    if (!*form->title) snprintf(form->title, FORM_TEXT, "%s", form->name);
    for (unsigned i = 0; i < form->count; i++) {
        struct form_question *question = &form->questions[i];
        if (!*question->asks)
            return error_set(reading->error, ERROR_INPUT, "form %.64s: [%.64s] has no `asks`", form->name,
                             question->name);
        if (question->points == 0) question->points = 1;
        if (question->weight == 0) question->weight = 1;
    }
    return true;
}

static void quality_form_version(struct form *form, const char *text, size_t length)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)text, length);
    sodium_bin2hex(form->version, sizeof form->version, digest, (FORM_VERSION - 1) / 2);
}

struct form *quality_form_read(const char *name, const char *text, size_t length, struct error *error)
{
    struct form_reading reading = {.form = memory_zeroed(1, sizeof *reading.form), .error = error};
    char *copy = memory_zeroed(1, length + 1);
    bool good = true;
    memcpy(copy, text, length);
    snprintf(reading.form->name, FORM_NAME, "%s", name);
    quality_form_version(reading.form, text, length);
    if (!quality_form_name_good(name))
        good = error_set(error, ERROR_INPUT, "form %.64s: its name has small letters, digits and _, 64 at most", name);
    else if (length > FORM_BYTES_MAX || strlen(copy) != length || !utf8_is_text(text, (uint32_t)length))
        good = error_set(error, ERROR_INPUT, "form %.64s: it is no text in UTF-8, or larger than 64 KiB", name);
    for (char *line = copy, *next; good && line; line = next) {
        reading.line++;
        if ((next = strchr(line, '\n'))) *next++ = '\0';
        good = quality_form_line(&reading, line);
    }
    good = good && quality_form_whole(&reading);
    free(copy);
    if (good) return reading.form;
    quality_form_free(reading.form);
    return NULL;
}

void quality_form_free(struct form *form)
{
    free(form);
}

int quality_form_question_of(const struct form *form, const char *name)
{
    for (unsigned i = 0; i < form->count; i++)
        if (strcmp(form->questions[i].name, name) == 0) return (int)i;
    return -1;
}

bool quality_form_sum(const struct form *form, const int *points, struct form_sum *sum, struct error *error)
{
    uint64_t reached = 0, weights = 0;
    *sum = (struct form_sum){0};
    for (unsigned i = 0; i < form->count; i++) {
        const struct form_question *question = &form->questions[i];
        if (points[i] == FORM_SKIPPED && question->skips) continue;
        if (points[i] < 0 || (unsigned)points[i] > question->points)
            return error_set(error, ERROR_INPUT, "%s: it has 0 to %u points%s", question->name, question->points,
                             question->skips ? ", or is left out" : "");
        sum->failed |= question->fails && points[i] == 0;
        reached += (uint64_t)points[i] * 1000000 / question->points * question->weight;
        weights += question->weight;
    }
    if (weights == 0) return error_set(error, ERROR_INPUT, "every question is left out: answer one");
    if (!sum->failed) sum->hundredths = (unsigned)((reached / weights + 50) / 100);
    return true;
}
