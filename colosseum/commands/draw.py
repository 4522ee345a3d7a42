"""`python -m colosseum draw`."""

import argparse

HELP = "draw an environment of the default benchmarks: its states, and its actions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "id", metavar="ID", help="<benchmark>/<family>/<index>, such as continuous_ergodic/RiverSwim/0, or a class name"
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the picture: .svg, .png or .pdf")
    parser.add_argument("--seed", type=int, default=0, help="of the environment (default: 0)")
    parser.add_argument("--actions", action="store_true", help="draw the actions of each state as well")
    parser.add_argument(
        "--values", action="store_true", help="colour the states by their optimal values, at the start when episodic"
    )
    parser.add_argument("--text", action="store_true", help="also print the starting state as text")


def main(args: argparse.Namespace) -> None:
    """Draw it."""
    from colosseum.analysis.visualization import plot_MCGraph, plot_MDP_graph
    from colosseum.benchmark.environments import make_mdp
    from colosseum.registry import mdp_class_names, resolve_mdp_class

    if args.id in mdp_class_names():
        cls = resolve_mdp_class(args.id)
        mdp = cls(seed=args.seed, **dict(getattr(cls, "small_parameters", {})))
    else:
        mdp = make_mdp(args.id, args.seed)
    labels, colours = None, None
    if args.values:
        V = mdp.optimal_value_functions[1]
        labels, colours = mdp.get_node_labels(V if mdp.H is None else V[0]), "viridis"
    if args.actions:
        plot_MDP_graph(mdp, save_file=args.output, node_labels=labels, cm_state_labels=colours)
    else:
        plot_MCGraph(mdp, save_file=args.output, labels=labels, cm_state_labels=colours)
    if args.text:
        print(mdp.get_grid_representation(mdp.starting_nodes[0]))
