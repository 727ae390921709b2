package system

import "github.com/bitcloak/bitcloak/runtime/frame"

// Errors. The first has the index that frame_system gives it.
var (
	ErrSpecVersion = frame.NewError(module, 1, "SpecVersionNeedsToIncrease",
		"An upgrade leads to a higher spec version than the present one.")
	ErrUpgradeTooSoon = frame.NewError(module, 20, "UpgradeTooSoon",
		"An upgrade is scheduled at least MinUpgradeNotice blocks ahead; choose a later block.")
	ErrNoUpgrade = frame.NewError(module, 21, "NoUpgradeScheduled",
		"No upgrade is scheduled that could be cancelled.")
)
