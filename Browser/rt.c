// The little of a C library that Embedded Swift asks for.
typedef __SIZE_TYPE__ size_t;
typedef unsigned char u8;
extern u8 __heap_base;
static u8 *top = 0;
struct head { size_t size; struct head *next; };
static struct head *freed = 0;
static void *take(size_t size) {
    size = (size + 15) & ~(size_t)15;
    for (struct head **p = &freed; *p; p = &(*p)->next)
        if ((*p)->size >= size) { struct head *h = *p; *p = h->next; return (u8 *)h + 16; }
    if (!top) top = (u8 *)(((size_t)&__heap_base + 15) & ~(size_t)15);
    u8 *at = top; top += size + 16;
    size_t have = __builtin_wasm_memory_size(0) << 16;
    if ((size_t)top > have && __builtin_wasm_memory_grow(0, ((size_t)top - have + 65535) >> 16) == (size_t)-1) return 0;
    ((struct head *)at)->size = size;
    return at + 16;
}
void *malloc(size_t n) { return take(n ? n : 1); }
void free(void *p) { if (p) { struct head *h = (struct head *)((u8 *)p - 16); h->next = freed; freed = h; } }
int posix_memalign(void **out, size_t align, size_t n) {
    if (align > 16) { u8 *p = take(n + align); if (!p) return 12; *out = (void *)(((size_t)p + align - 1) & ~(align - 1)); return 0; } // not freed right: fine here
    *out = take(n ? n : 1); return *out ? 0 : 12;
}
void *memcpy(void *d, const void *s, size_t n) { u8 *a = d; const u8 *b = s; while (n--) *a++ = *b++; return d; }
void *memmove(void *d, const void *s, size_t n) { u8 *a = d; const u8 *b = s; if (a < b) while (n--) *a++ = *b++; else while (n--) a[n] = b[n]; return d; }
void *memset(void *d, int c, size_t n) { u8 *a = d; while (n--) *a++ = (u8)c; return d; }
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
