/* vm/native.c - Binds natives, and calls them through libffi.
 *
 * int, duration, time, date and percent are passed as int64_t, as in the registers; a str as pointer and length. A
 * native that returns a str has the C result void, and gets a struct gcx_native before its arguments.
 *
 *     tier(account: str, age: duration): int      is called as      int64_t tier(const char *, uint64_t, int64_t)
 *
 * native_bind() makes libffi's description of the call once per native, and op_native() sets the addresses of the
 * arguments for each call. In a checked build every native is called twice, otherwise those bound with `twice`: a
 * different second result is a fault, as a native must depend on its arguments alone. */
#include "vm/native.h"

#include <assert.h>
#include <ffi.h>
#include <stdlib.h>
#include <string.h>

#include "vm/gcx_native.h"
#include "vm/image_data.h"
#include "vm/memory.h"
#include "vm/vm.h"
#include "base/utf8.h"

enum {
    FFI_ARGUMENTS_MAX = 1 + 2 * NATIVE_ARGUMENTS_MAX,
    NATIVE_FUEL = 16, /* fuel of a call, in addition to the lengths of its texts */
};
static_assert(sizeof(size_t) == sizeof(uint64_t), "a length is passed as 64 bits");

struct binding {
    void (*function)(void);
    bool twice;
    ffi_cif cif;
    ffi_type *types[FFI_ARGUMENTS_MAX];
};

static _Thread_local bool native_within __attribute__((tls_model("initial-exec")));

bool native_runs(void)
{
    return native_within;
}

const char *native_type_word(uint16_t type)
{
    static const char *const words[] = {
        [TYPE_INT] = "int",           [TYPE_FLOAT] = "float", [TYPE_BOOL] = "bool", [TYPE_STR] = "str",
        [TYPE_DURATION] = "duration", [TYPE_TIME] = "time",   [TYPE_DATE] = "date", [TYPE_PERCENT] = "percent"};
    return type < sizeof words / sizeof *words ? words[type] : NULL;
}

static char *native_put_word(char *to, const char *word)
{
    size_t length = strlen(word);
    memcpy(to, word, length + 1);
    return to + length;
}

void native_signature(const struct image_native *row, char text[NATIVE_SIGNATURE_MAX])
{
    char *to = native_put_word(native_put_word(text, native_type_word(row->result)), "(");
    for (uint16_t n = 0; n < row->parameter_count; n++)
        to = native_put_word(native_put_word(to, n ? ", " : ""), native_type_word(row->parameters[n]));
    native_put_word(to, ")");
}

static bool signature_take(const char **at, const char *word)
{
    const char *from = *at;
    for (; *word != '\0'; word++, from++)
        if (*from != *word) return false;
    *at = from;
    return true;
}

static bool signature_take_type(const char **at, uint16_t *type)
{
    for (*type = 0; *type <= TYPE_PERCENT; ++*type) {
        const char *word = native_type_word(*type);
        if (word && signature_take(at, word)) return true;
    }
    return false;
}

/* Reads exactly what native_signature() writes: one space after a comma, nothing after the closing bracket. */
bool native_signature_read(const char *text, struct image_native *row)
{
    row->parameter_count = 0;
    if (!signature_take_type(&text, &row->result) || !signature_take(&text, "(")) return false;
    while (!signature_take(&text, ")")) {
        bool more = row->parameter_count > 0;
        if (row->parameter_count == NATIVE_ARGUMENTS_MAX || (more && !signature_take(&text, ", ")) ||
            !signature_take_type(&text, &row->parameters[row->parameter_count]))
            return false;
        row->parameter_count++;
    }
    return *text == '\0';
}

static ffi_type *ffi_of(uint16_t type)
{
    return type == TYPE_FLOAT ? &ffi_type_double : type == TYPE_BOOL ? &ffi_type_uint8 : &ffi_type_sint64;
}

/* Prepares the calls of a native; a str is two arguments for libffi: pointer and length. libffi keeps pointers into
 * `types`, so the binding must not be moved. */
static void binding_make(struct binding *binding, const struct image_native *row, void (*function)(void), bool twice)
{
    *binding = (struct binding){.function = function, .twice = twice};
    unsigned count = 0;
    if (row->result == TYPE_STR) binding->types[count++] = &ffi_type_pointer;
    for (uint16_t n = 0; n < row->parameter_count; n++) {
        bool text = row->parameters[n] == TYPE_STR;
        binding->types[count++] = text ? &ffi_type_pointer : ffi_of(row->parameters[n]);
        if (text) binding->types[count++] = &ffi_type_uint64;
    }
    ffi_type *result = row->result == TYPE_STR ? &ffi_type_void : ffi_of(row->result);
    ffi_status status = ffi_prep_cif(&binding->cif, FFI_DEFAULT_ABI, count, result, binding->types);
    assert(status == FFI_OK);
}

void native_bind(struct image *image, uint32_t native, void (*function)(void), bool twice)
{
    assert(native < image->count[SECTION_NATIVES]);
    if (!image->bindings) image->bindings = memory_new(image->count[SECTION_NATIVES] * sizeof *image->bindings);
    binding_make(&image->bindings[native], &image->natives[native], function, twice);
}

/* Are two natives the same function of the same file, with the same declaration? Otherwise it must not be called. */
static bool native_is_alike(const struct image *image, const struct image_native *row, const struct image *other,
                            const struct image_native *its)
{
    struct text name = image_text(image, row->name), same = image_text(other, its->name);
    return memcmp(row->hash, its->hash, IMAGE_HASH) == 0 && name.length == same.length &&
           memcmp(name.bytes, same.bytes, name.length) == 0 && row->result == its->result &&
           row->parameter_count == its->parameter_count &&
           memcmp(row->parameters, its->parameters, sizeof row->parameters) == 0;
}

/* Binds the functions that are already bound in `bound`, for a program that is loaded again: the library is not
 * searched. */
void native_bind_alike(struct image *image, const struct image *bound)
{
    if (!bound->bindings) return;
    for (uint32_t n = 0; n < image->count[SECTION_NATIVES]; n++)
        for (uint32_t m = 0; m < bound->count[SECTION_NATIVES]; m++) {
            const struct binding *binding = &bound->bindings[m];
            if (binding->function && native_is_alike(image, &image->natives[n], bound, &bound->natives[m]))
                native_bind(image, n, binding->function, binding->twice);
        }
}

bool native_all_bound(const struct image *image)
{
    for (uint32_t n = 0; n < image->count[SECTION_NATIVES]; n++)
        if (!image->bindings || !image->bindings[n].function) return false;
    return true;
}

/* The arguments for libffi: the address of each. */
struct call {
    struct gcx_native result;
    struct gcx_native *result_at;
    struct argument {
        char inlined[8];
        const char *bytes;
        uint64_t word; /* a word, or the length of a text */
        uint8_t truth;
    } arguments[NATIVE_ARGUMENTS_MAX];
    void *places[FFI_ARGUMENTS_MAX];
    char text[NATIVE_TEXT_MAX];
};

static void call_place(struct call *call, const struct image_native *row)
{
    unsigned count = 0;
    assert(row->parameter_count <= NATIVE_ARGUMENTS_MAX);
    call->result_at = &call->result;
    if (row->result == TYPE_STR) call->places[count++] = &call->result_at;
    for (uint16_t n = 0; n < row->parameter_count; n++) {
        struct argument *argument = &call->arguments[n];
        argument->truth = argument->word != 0;
        if (row->parameters[n] == TYPE_STR) call->places[count++] = &argument->bytes;
        call->places[count++] = row->parameters[n] == TYPE_BOOL ? (void *)&argument->truth : &argument->word;
    }
}

/* Prepares the arguments; a short text in its word is copied, because a native gets a pointer. Nothing is allocated
 * in the block until the native has returned, so texts in the heap do not move. */
static void native_prepare(struct vm *vm, struct call *call, const struct image_native *row, const uint64_t *words)
{
    for (uint16_t n = 0; n < row->parameter_count; n++) {
        struct argument *argument = &call->arguments[n];
        argument->word = words[n];
        if (row->parameters[n] != TYPE_STR) continue;
        struct text text = vm_text(vm, words[n], argument->inlined);
        argument->bytes = text.bytes;
        argument->word = text.length;
        vm->fuel -= text.length / FUEL_UNIT;
    }
    call_place(call, row);
}

/* Calls the native and returns the word of the result; for a str, 0. Bytes that the library leaves in `text` after
 * the length are never read. */
static uint64_t call_once(struct binding *binding, const struct image_native *row, struct call *call)
{
    union {
        ffi_arg small; /* libffi widens results smaller than a word */
        uint64_t word;
        double number;
    } returned = {.word = 0};
    bool text = row->result == TYPE_STR;
    if (text) memset(call->text, 0, sizeof call->text);
    call->result = (struct gcx_native){.text = call->text, .size = sizeof call->text};
    native_within = true;
    ffi_call(&binding->cif, binding->function, &returned, call->places);
    native_within = false;
    if (text) return 0;
    return row->result == TYPE_BOOL ? (uint8_t)returned.small != 0 : returned.word;
}

uint64_t native_call(const struct image_native *row, void (*function)(void), const uint64_t *words,
                     const char *const *texts, char text[NATIVE_TEXT_MAX])
{
    struct binding binding;
    struct call call;
    binding_make(&binding, row, function, false);
    for (uint16_t n = 0; n < row->parameter_count; n++) {
        call.arguments[n].word = words[n];
        call.arguments[n].bytes = texts[n];
    }
    call_place(&call, row);
    uint64_t word = call_once(&binding, row, &call);
    if (row->result != TYPE_STR) return word;
    memcpy(text, call.text, sizeof call.text);
    return call.result.length;
}

/* Calls the native again and compares both results as bytes. The first text is copied, since the second call
 * overwrites it. */
static bool same_twice(struct binding *binding, const struct image_native *row, struct call *call, uint64_t word)
{
    if (row->result != TYPE_STR) return call_once(binding, row, call) == word;
    size_t length = call->result.length;
    char *first = memory_new(sizeof call->text);
    memcpy(first, call->text, sizeof call->text);
    bool same = call_once(binding, row, call) == word && call->result.length == length &&
                memcmp(first, call->text, length < sizeof call->text ? length : sizeof call->text) == 0;
    free(first);
    return same;
}

/* Makes the text of a result; its length comes from the library, so it is checked before the text is read. */
static bool text_result(struct vm *vm, const struct call *call, uint64_t *word)
{
    size_t length = call->result.length;
    if (length > sizeof call->text) return vm_faults(vm, FAULT_NATIVE_LONG);
    if (!utf8_is_text(call->text, (uint32_t)length)) return vm_faults(vm, FAULT_NATIVE_TEXT);
    vm->fuel -= (int64_t)length / FUEL_UNIT;
    return block_make_text(vm->slab, vm->handle, call->text, (uint32_t)length, word) || vm_faults(vm, FAULT_MEMORY);
}

/* Checks a result other than a str: whether its word is a valid value of its type. */
static bool word_result(struct vm *vm, uint16_t type, uint64_t word)
{
    if (type == TYPE_FLOAT) return value_is_finite(word) || vm_faults(vm, FAULT_NOT_A_NUMBER);
    if (word == VALUE_NONE) return vm_faults(vm, FAULT_OVERFLOW);
    bool dated = type == TYPE_DATE || type == TYPE_TIME;
    return !dated || value_is_dated(type, (int64_t)word) || vm_faults(vm, FAULT_NATIVE_DATE);
}

/* Calls a native; the library's code runs on this thread and cannot be stopped by fuel: NATIVE_FUEL and the lengths
 * of the texts are charged for it. */
bool op_native(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint32_t number = word_b(i) | word_c(i) << 8;
    const struct image_native *row = &vm->image->natives[number];
    struct binding *binding = vm->image->bindings ? &vm->image->bindings[number] : NULL;
    struct call call;
    if (!binding || !binding->function) return vm_faults(vm, FAULT_NATIVE);
    vm->fuel -= NATIVE_FUEL;
    native_prepare(vm, &call, row, r + extension);
    uint64_t word = call_once(binding, row, &call);
#ifdef VM_CHECKED
    bool twice = true;
#else
    bool twice = binding->twice;
#endif
    if (twice && !same_twice(binding, row, &call, word)) return vm_faults(vm, FAULT_NATIVE_TWICE);
    if (row->result == TYPE_STR ? !text_result(vm, &call, &word) : !word_result(vm, row->result, word)) return false;
    r[word_a(i)] = word;
    return true;
}
