// Copyright 2024 The Lantern Authors.
#import <Foundation/Foundation.h>
#import "LanternCache.h"

NS_ASSUME_NONNULL_BEGIN

/// What happens when the cache is full.
typedef NS_OPTIONS(NSUInteger, LanternPolicy) {
    LanternPolicyKeep = 1 << 0, // nothing
    LanternPolicyEvict = 1 << 1,
};

FOUNDATION_EXPORT NSString *const LanternErrorDomain;

typedef void (^LanternCompletion)(NSData *data, NSError *error);

/// Tells its delegate what leaves the cache.
@protocol LanternCacheDelegate <NSObject>
@required
/// Called before an entry is evicted.
- (BOOL)cache:(LanternCache *)cache shouldEvictKey:(NSString *)key;
@end

/**
 * Keeps images in memory, the least recently used leaves first.
 */
@interface LanternCache : NSObject <NSCopying>
@property (nonatomic, weak) id<LanternCacheDelegate> delegate;
- (instancetype)initWithCapacity:(NSUInteger)capacity NS_DESIGNATED_INITIALIZER;
+ (LanternCache *)sharedCache API_AVAILABLE(ios(10), macosx(10.12));
@end

static NSString *const kNotification = @"LanternCacheDidEvict";

// Bytes that one image takes in memory.
static NSUInteger LanternCost(CGSize size) {
    return (NSUInteger)(size.width * size.height * 4);
}

@interface LanternCache ()
@property (nonatomic, strong) NSMutableDictionary *entries;
@end

@implementation LanternCache {
    NSUInteger _capacity;
}

#pragma mark - Life cycle

/* The process-wide cache. */
+ (LanternCache *)sharedCache {
    static LanternCache *shared = nil;
    static dispatch_once_t once;
    dispatch_once(&once, ^{
        shared = [[self alloc] initWithCapacity:64];
    });
    return shared;
}

- (instancetype)initWithCapacity:(NSUInteger)capacity {
    if ((self = [super init])) {
        _capacity = capacity;
        _entries = [NSMutableDictionary dictionary];
    }
    return self;
}

/// Stores data under a key, evicting others if there is no room.
- (void)storeData:(NSData *)data
           forKey:(NSString *)key
       completion:(LanternCompletion)completion
{
    BOOL (^fits)(NSData *) = ^BOOL(NSData *candidate) {
        return candidate.length < self->_capacity;
    };
    if (fits(data)) {
        self.entries[key] = data;
    }
#if DEBUG
    else if (key) {
        NSLog(@"no room for %@", key);
    }
#endif
    completion(data, nil);
}

- (void)dealloc {
    [_entries removeAllObjects];
}

@end

// Shorthands for tests.
@implementation LanternCache (Testing)

- (NSUInteger)count { return self.entries.count; }

@end

int main(int argc, const char *argv[]) {
    @autoreleasepool {
        NSLog(@"%lu", (unsigned long)[LanternCache sharedCache].count);
    }
    return 0;
}
