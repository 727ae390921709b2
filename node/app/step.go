package app

// Step is a moment in the making of a height, for those who measure where its time goes.
type Step uint8

// Steps in their order. A height that has nothing to propose has the last two alone.
const (
	StepSelected Step = iota // this node is to propose, and knows what
	StepProposed             // it has executed that
	StepDecided              // the validators have agreed on the block, and CometBFT has kept it
	StepStored               // it is stored, and followers know
	Steps
)

// at tells of a step.
func (a *App) at(step Step, height uint64) {
	if a.options.OnStep != nil {
		a.options.OnStep(step, height)
	}
}
