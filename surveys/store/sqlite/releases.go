package sqlite

import (
	"context"
	"database/sql"

	"hailong/surveys"
)

// releasePage is smaller than the others: the parts of a year's release are long.
const releasePage = 64

// AddRelease stores a new release.
func (s *Store) AddRelease(ctx context.Context, r surveys.ReleaseRecord) error {
	const query = `INSERT INTO releases (id, facility, node, node_end, released, format, head, parts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	err := s.write(ctx, func(tx *sql.Tx) error {
		return changeOne(ctx, tx, query, r.ID, r.Facility, r.From, r.To, r.Released, r.Format, blob(r.Head), blob(r.Parts))
	})
	return s.wrap("add release", err)
}

// The listing goes along the index releases_by_node.
const (
	nextFacilityOfReleases = `SELECT min(facility) FROM releases WHERE facility > ?`
	releaseColumns         = `SELECT id, facility, node, node_end, released, format, head`
	fromReleases           = ` FROM releases
WHERE facility = ? AND (node, id) > (?, ?) AND node_end <= ? AND released >= ? ORDER BY node, id LIMIT ?`
	pageOfReleases     = releaseColumns + `, parts` + fromReleases
	pageOfReleaseHeads = releaseColumns + `, x''` + fromReleases
)

// EachRelease goes facility by facility.
func (s *Store) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	query := pageOfReleases
	if q.WithoutParts {
		query = pageOfReleaseHeads
	}
	return s.eachFacility(ctx, string(q.Facility), nextFacilityOfReleases, func(facility string) error {
		return eachPage(releasePage, func(last *surveys.ReleaseRecord) ([]surveys.ReleaseRecord, error) {
			node, id := q.From, ""
			if last != nil {
				node, id = last.From, last.ID
			}
			return list(ctx, s, "list releases", scanRelease, query, facility, node, id, upTo(q.To), q.ReleasedFrom, releasePage)
		}, f)
	})
}

func scanRelease(row scanner) (r surveys.ReleaseRecord, err error) {
	err = row.Scan(&r.ID, &r.Facility, &r.From, &r.To, &r.Released, &r.Format, &r.Head, &r.Parts)
	return r, err
}
