/* tests/differential/evaluate_show.c - Values as text: as a string in the language shows them, and as a trace does. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/differential/evaluate.h"

static void put_decimal(FILE *out, uint64_t number, unsigned places)
{
    char digits[40];
    int length = snprintf(digits, sizeof digits, "%0*" PRIu64, (int)places + 1, number);
    fprintf(out, "%.*s", length - (int)places, digits);
    const char *rest = digits + length - (int)places;
    size_t kept = strlen(rest);
    while (kept > 0 && rest[kept - 1] == '0') kept--;
    if (kept > 0) fprintf(out, ".%.*s", (int)kept, rest);
}

static void put_duration(FILE *out, int64_t us)
{
    static const uint64_t sizes[] = {86400000000, 3600000000, 60000000, 1000000};
    uint64_t left = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    fputs(us < 0 ? "-" : us == 0 ? "0s" : "", out);
    for (int i = 0; i < 4; left %= sizes[i++])
        if (left / sizes[i]) fprintf(out, "%" PRIu64 "%c", left / sizes[i], "dhms"[i]);
    if (!left) return;
    put_decimal(out, left, 3);
    fputs("ms", out);
}

/* Of what is too far away for a calendar the number of days. */
static void put_date(FILE *out, int64_t days)
{
    time_t seconds = (time_t)(days * 86400);
    struct tm tm;
    if (days < -100000000 || days > 100000000 || !gmtime_r(&seconds, &tm))
        fprintf(out, "%" PRId64, days);
    else
        fprintf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static void put_clock(FILE *out, int64_t us, bool seconds)
{
    int64_t second = us / 1000000;
    fprintf(out, "%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60));
    if (seconds) fprintf(out, ":%02d", (int)(second % 60));
}

/* Six decimals, half of the last one upwards; a very large one by powers of ten. */
static void put_float(FILE *out, double number)
{
    int exponent = 0;
    if (number < 0) fputs("-", out);
    if (number < 0) number = -number;
    for (; number >= 1e12; exponent++) number /= 10;
    put_decimal(out, (uint64_t)(number * 1e6 + 0.5), 6);
    if (exponent) fprintf(out, "e%d", exponent);
}

static void put_number(struct evaluator *e, FILE *out, int64_t number, const struct type *type)
{
    switch (type->kind) {
    case LANG_INT:
        fprintf(out, "%" PRId64, number);
        break;
    case LANG_BOOL:
        fputs(number ? "true" : "false", out);
        break;
    case LANG_DURATION:
        put_duration(out, number);
        break;
    case LANG_PERCENT:
        if (number < 0) fputs("-", out);
        put_decimal(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 4);
        fputs("%", out);
        break;
    case LANG_TIME:
        put_date(out, evaluate_days(number));
        fputs("T", out);
        put_clock(out, evaluate_clock(number), true);
        fputs("Z", out);
        break;
    case LANG_DATE:
        put_date(out, number);
        break;
    case LANG_CLOCK:
        put_clock(out, number, number / 1000000 % 60 != 0);
        break;
    case LANG_ENUM:
        for (uint32_t i = 0; i < type->enumeration->count; i++)
            if (type->enumeration->numbers ? type->enumeration->numbers[i] == number : i == number)
                fputs(type->enumeration->words[i], out);
        break;
    default:
        e->not_shown = true;
    }
}

static void put_boxed(struct evaluator *e, FILE *out, const struct value *box)
{
    static const struct type plain[] = {{.kind = LANG_INT}, {.kind = LANG_BOOL}, {.kind = LANG_TIME}};
    const struct value *value = box->items[0];
    if (value->worth == WORTH_PAIRS || box->boxed == LANG_VOID) return; /* they have no text */
    if (value->worth == WORTH_FLOAT)
        put_float(out, value->real);
    else if (value->worth == WORTH_TEXT)
        fwrite(value->bytes, 1, value->length, out);
    else
        put_number(e, out, value->number, &plain[box->boxed == LANG_BOOL ? 1 : box->boxed == LANG_TIME ? 2 : 0]);
}

const struct value *evaluate_shown(struct evaluator *e, const struct value *value, const struct type *type)
{
    char *text = NULL;
    size_t length;
    bool moment =
        value->worth == WORTH_NUMBER && (type_bare(type)->kind == LANG_TIME || type_bare(type)->kind == LANG_LOCAL);
    /* The programs' site has this zone. */
    int64_t wall =
        moment && type_bare(type)->kind == LANG_TIME ? evaluate_wall(e, value->number, "Europe/Paris") : value->number;
    FILE *out = open_memstream(&text, &length);
    switch (value->worth) {
    case WORTH_NONE:
        break;
    case WORTH_FLOAT:
        put_float(out, value->real);
        break;
    case WORTH_TEXT:
    case WORTH_NAME:
        fwrite(value->bytes, 1, value->length, out);
        break;
    case WORTH_BOX:
        put_boxed(e, out, value);
        break;
    case WORTH_RECORD: /* a blob: nothing else of fields is shown */
        fprintf(out, "%.*s/%.*s", (int)value->items[0]->length, value->items[0]->bytes, (int)value->items[1]->length,
                value->items[1]->bytes);
        break;
    default:
        if (type_bare(type)->kind == LANG_TARGET) {
            fprintf(out, "t%" PRId64, value->number);
        } else if (moment) {
            put_date(out, evaluate_days(wall));
            fputs(" ", out);
            put_clock(out, evaluate_clock(wall), evaluate_clock(wall) / 1000000 % 60 != 0);
        } else
            put_number(e, out, value->number, type_bare(type));
        break;
    }
    fclose(out);
    char *kept = arena_alloc(e->arena, length + 1);
    memcpy(kept, text, length);
    free(text);
    if (e->not_shown) evaluate_unknown(e, "a text of it");
    return value_bytes(e, kept, length);
}

static void dump_text(FILE *out, const struct value *value)
{
    fputc('"', out);
    for (size_t i = 0; i < value->length; i++) {
        unsigned char c = (unsigned char)value->bytes[i];
        fprintf(out, c < ' ' || c == '"' ? "\\%02x" : "%c", c);
    }
    fputc('"', out);
}

void evaluate_dump(FILE *out, const struct value *value)
{
    switch (value->worth) {
    case WORTH_NONE:
        fputs("none", out);
        return;
    case WORTH_NUMBER:
        fprintf(out, "%" PRId64, value->number);
        return;
    case WORTH_FLOAT:
        fprintf(out, "%a", value->real);
        return;
    case WORTH_TEXT:
        dump_text(out, value);
        return;
    case WORTH_NAME:
        fprintf(out, "<%.*s>", (int)value->length, value->bytes);
        return;
    case WORTH_ERROR:
        fprintf(out, "error %" PRId64 " ", value->number);
        dump_text(out, value);
        return;
    case WORTH_PAIRS: {
        size_t length;
        char *packed = world_packed(value->datum->items, value->datum->count, &length);
        const struct value text = {.worth = WORTH_TEXT, .bytes = packed, .length = length};
        dump_text(out, &text);
        free(packed);
        return;
    }
    default:
        break;
    }
    fputs(value->worth == WORTH_RECORD ? "(" : value->worth == WORTH_BOX ? "{" : "[", out);
    for (size_t i = 0; i < value->count; i++) {
        if (i) fputs(", ", out);
        if (value->worth == WORTH_MAP) dump_text(out, value->keys[i]), fputs(": ", out);
        evaluate_dump(out, value->items[i]);
    }
    fputs(value->worth == WORTH_RECORD ? ")" : value->worth == WORTH_BOX ? "}" : "]", out);
}
