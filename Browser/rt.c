// The little of a C library that Embedded Swift asks for.
typedef __SIZE_TYPE__ size_t;
typedef unsigned char u8;
extern u8 __heap_base;
static u8 *top = 0;

// A heap of size classes, four to each doubling: freed blocks wait in their class's list, so both calls take constant time.
// Sixteen bytes before each block tell its class, and how far the block was moved to be aligned.
struct head { unsigned class; unsigned moved; struct head *next; unsigned spare; };
static struct head *freed[128];

static unsigned class_of(size_t size) {
    if (size <= 64) return (unsigned)((size + 15) >> 4);
    unsigned bits = 31 - (unsigned)__builtin_clz((unsigned)(size - 1));
    return bits * 4 - 20 + (unsigned)(((size - 1) >> (bits - 2)) & 3) + 1;
}
static size_t size_of(unsigned class) {
    if (class <= 4) return (size_t)class << 4;
    unsigned bits = (class - 1 + 20) / 4, quarter = (class - 1 + 20) % 4;
    return ((size_t)1 << bits) + ((size_t)(quarter + 1) << (bits - 2));
}
static void *take(size_t size) {
    if (size > 0x60000000) return 0;
    unsigned class = class_of(size ? size : 1);
    struct head *h = freed[class];
    if (h) { freed[class] = h->next; h->moved = 0; return (u8 *)h + 16; }
    if (!top) top = (u8 *)(((size_t)&__heap_base + 15) & ~(size_t)15);
    size_t whole = size_of(class) + 16, have = __builtin_wasm_memory_size(0) << 16;
    if ((size_t)top + whole > have && __builtin_wasm_memory_grow(0, ((size_t)top + whole - have + 65535) >> 16) == (size_t)-1) return 0;
    h = (struct head *)top;
    top += whole;
    h->class = class;
    h->moved = 0;
    return (u8 *)h + 16;
}
void *malloc(size_t n) { return take(n); }
void free(void *p) {
    if (!p) return;
    struct head *h = (struct head *)((u8 *)p - 16);
    h = (struct head *)((u8 *)h - h->moved);
    h->next = freed[h->class];
    freed[h->class] = h;
}
int posix_memalign(void **out, size_t align, size_t n) {
    u8 *p = take(align > 16 ? n + align : n);
    if (!p) return 12;
    if (align > 16 && (size_t)p & (align - 1)) {
        u8 *q = (u8 *)(((size_t)p + align - 1) & ~(align - 1));
        ((struct head *)(q - 16))->moved = (unsigned)(q - p);
        p = q;
    }
    *out = p;
    return 0;
}
void *memcpy(void *d, const void *s, size_t n) { __builtin_memcpy(d, s, n); return d; } // one memory.copy each, by -mbulk-memory
void *memmove(void *d, const void *s, size_t n) { __builtin_memmove(d, s, n); return d; }
void *memset(void *d, int c, size_t n) { __builtin_memset(d, c, n); return d; }
int memcmp(const void *x, const void *y, size_t n) { const u8 *a = x, *b = y; for (; n--; a++, b++) if (*a != *b) return *a - *b; return 0; }
void arc4random_buf(void *d, size_t n) { memset(d, 7, n); }
int putchar(int c) { return c; }
size_t __stack_chk_guard = 0x5bd1e995;
void __stack_chk_fail(void) { __builtin_trap(); }

// Int128 (Metering's products) asks compiler-rt for these; the toolchain has none for wasm32.
typedef __int128 i128; typedef unsigned __int128 u128; typedef unsigned long long u64;
i128 __multi3(i128 a, i128 b) {
    u64 al = (u64)a, ah = (u64)((u128)a >> 64), bl = (u64)b, bh = (u64)((u128)b >> 64);
    u64 a0 = al & 0xffffffff, a1 = al >> 32, b0 = bl & 0xffffffff, b1 = bl >> 32;
    u64 p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    u64 mid = (p00 >> 32) + (p01 & 0xffffffff) + (p10 & 0xffffffff);
    u64 low = (mid << 32) | (p00 & 0xffffffff);
    u64 high = p11 + (p01 >> 32) + (p10 >> 32) + (mid >> 32) + al * bh + ah * bl;
    return (i128)(((u128)high << 64) | low);
}
static u128 divide(u128 n, u128 d, u128 *rest) {
    if (d == 0) __builtin_trap();
    if (!(u64)(n >> 64) && !(u64)(d >> 64)) { if (rest) *rest = (u64)n % (u64)d; return (u64)n / (u64)d; }
    u128 q = 0, r = 0;
    for (int i = 127; i >= 0; i--) {
        r = (r << 1) | ((n >> i) & 1);
        if (r >= d) { r -= d; q |= (u128)1 << i; }
    }
    if (rest) *rest = r;
    return q;
}
u128 __udivti3(u128 n, u128 d) { return divide(n, d, 0); }
u128 __umodti3(u128 n, u128 d) { u128 r; divide(n, d, &r); return r; }
i128 __divti3(i128 n, i128 d) {
    u128 q = divide(n < 0 ? -(u128)n : (u128)n, d < 0 ? -(u128)d : (u128)d, 0);
    return (n < 0) != (d < 0) ? -(i128)q : (i128)q;
}
i128 __modti3(i128 n, i128 d) {
    u128 r; divide(n < 0 ? -(u128)n : (u128)n, d < 0 ? -(u128)d : (u128)d, &r);
    return n < 0 ? -(i128)r : (i128)r;
}
typedef union { u128 all; struct { u64 low, high; } half; } wide;
u128 __ashlti3(u128 a, int n) {
    wide x, y; x.all = a;
    if (n == 0) return a;
    if (n >= 64) { y.half.low = 0; y.half.high = x.half.low << (n - 64); }
    else { y.half.low = x.half.low << n; y.half.high = (x.half.high << n) | (x.half.low >> (64 - n)); }
    return y.all;
}
u128 __lshrti3(u128 a, int n) {
    wide x, y; x.all = a;
    if (n == 0) return a;
    if (n >= 64) { y.half.high = 0; y.half.low = x.half.high >> (n - 64); }
    else { y.half.high = x.half.high >> n; y.half.low = (x.half.low >> n) | (x.half.high << (64 - n)); }
    return y.all;
}
