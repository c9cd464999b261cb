package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// A cluster is scanned one primary after the other. The cursor of a page carries
// the primary's position in its lowest digits, so that a page can be asked for
// without remembering anything.
const maxPrimaries = 1000

// scanCluster returns one page of one primary.
func (a *redisAdapter) scanCluster(ctx context.Context, cursor uint64, page PageRequest,
) (Page, error) {
	primaries, err := a.primaries(ctx)
	if err != nil {
		return Page{}, a.readError(CodeScanFailed, err)
	}
	at := int(cursor % maxPrimaries)
	if at >= len(primaries) {
		return Page{}, invalid(CodeScanFailed, "cursor %d does not belong to this cluster", cursor)
	}
	answer, err := a.scanServer(ctx, primaries[at], cursor/maxPrimaries, page)
	if err != nil {
		return Page{}, err
	}
	answer.Cursor = clusterCursor(answer.Cursor, at, len(primaries))
	return answer, nil
}

// clusterCursor joins a server's cursor and its position; a server that is done
// hands over to the next.
func clusterCursor(cursor string, at, primaries int) string {
	if cursor != "0" {
		digits := strconv.Itoa(at)
		return cursor + strings.Repeat("0", 3-len(digits)) + digits
	}
	if at+1 == primaries {
		return "0"
	}
	return strconv.Itoa(at + 1)
}

// primaries returns the primaries in a stable order.
func (a *redisAdapter) primaries(ctx context.Context) ([]*redis.Client, error) {
	var mu sync.Mutex
	var primaries []*redis.Client
	client := a.client.(*redis.ClusterClient)
	err := client.ForEachMaster(ctx, func(_ context.Context, primary *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		primaries = append(primaries, primary)
		return nil
	})
	slices.SortFunc(primaries, func(x, y *redis.Client) int {
		return strings.Compare(x.Options().Addr, y.Options().Addr)
	})
	return primaries, err
}
