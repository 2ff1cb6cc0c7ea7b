// Stands before numpy's functions in the module, and last.c behind them: so the recipe knows which they are
// (src/stages/link.rs), and numpy_arrive() is one of those that are fetched together.

void numpy_last(void);

void
numpy_arrive(void)
{
    numpy_last();
}
