# Input functions and options of the stages of a hyperparameter optimisation: its rungs, and its confirmation.
def once_promoted(interactions, agent, files):
    """An input function: files of a rung that depend on which samples reach it, once that is final."""

    def of_rung(wildcards):
        make_again()
        if BARRIER and interactions.below:
            setting, rung = re.fullmatch(r"hyperopt_([a-z]+)_(.+)", interactions.name).groups()
            checkpoints.promote.get(agent=agent, setting=setting, rung=rung)
        return files

    return of_rung


def rungs_of(setting):
    """All stages of the hyperparameter optimisation in a setting, in their order."""
    return [one for one in HYPEROPT.values() if one.episodic == (setting == "episodic")]


def below(wildcards):
    """The stages whose logs decide which samples reach a rung."""
    return [HYPEROPT[name] for name in HYPEROPT[f"hyperopt_{wildcards.setting}_{wildcards.rung}"].below]


def has_rungs():
    return any(interactions.below for interactions in HYPEROPT.values())


def has_confirm():
    return any(name.endswith(layout.CONFIRM) for name in HYPEROPT)


def of_rungs(rungs, agent):
    """An input function: the logs of an agent in some rungs, once their pickles are final, and what they are read with."""

    def inputs(wildcards):
        files = []
        for rung in rungs:
            # asked first: the pickles and logs of before are there until it is made anew
            once_promoted(rung, agent, [])(wildcards)
            files += logs_of(rung, agent)(wildcards)
            files += [layout.agent_config_file(rung.folder, agent), *configurations(rung)]
            files += [layout.promotion_table(rung.folder, agent)] if rung.below else []
        return files

    return inputs


def scopes_options(scopes):
    """The options that sample just these consecutive scopes."""
    first, *_, last = [*map(layout.scope_index, scopes), layout.scope_index(scopes[-1])]
    return f"--n {last + 1}" + (f" --first {first}" if first else "")


def rungs_options(rungs):
    """The options that name the stages after the first one."""
    options = [
        f"--{'confirm' if one.name.endswith(layout.CONFIRM) else 'rung'} {shlex.quote(one.folder)}" for one in rungs
    ]
    return " ".join(options[1:])


def judged_by(selection):
    """The options that say how scores are made of logs."""
    cut = "" if selection["allow_cut"] else " --no-allow-cut"
    return f"--indicator {selection['indicator']} --reduce-seeds {selection['reduce_seeds']}{cut}"


def hyperopt_targets():
    if INCOMPLETE:
        return
    for interactions in HYPEROPT.values():
        yield configurations(interactions)
        for agent, config in zip(interactions.agents, agents_configs(interactions), strict=True):
            # The pickles are named outright, so that a study that grew is noticed; so are the logs, so that one that was
            # deleted is, and the configurations: a missing file in the middle of the graph is not noticed.
            yield once_promoted(interactions, agent, [config, *interactions.pickles(agent)])
            yield missing_logs(interactions, agent)
            yield logs_of(interactions, agent)
            if not interactions.below:
                yield layout.selection_file(interactions.folder, agent)


# What is shown of an optimisation: of its first stage the landscape, of all its runs the rest.
KINDS_OF_OPTIMISATIONS = {
    "tables": {
        **({"tuning_cost": "Cost of each rung"} if has_rungs() else {}),
        **({"sensitivity": "One setting for all, or one for each"} if has_confirm() else {}),
    },
    "plots": {
        "hyperparameters": "Score against each hyperparameter",
        "tuning_budget": "Expected best of a number of samples",
        **({"rungs": "Scores on each rung"} if has_rungs() else {}),
    },
}


def stages_of(benchmark):
    """All stages of the hyperparameter optimisation whose first one is a benchmark."""
    return [one for one in HYPEROPT.values() if layout.parse_stage(one.name)[0] == benchmark]


def selections(wildcards):
    """The choices that the results page shows, once they are final; of an incomplete study those that are there."""
    files = []
    for interactions in OPTIMISATIONS.values():
        for agent in interactions.agents:
            file = layout.selection_file(interactions.folder, agent)
            if not INCOMPLETE:
                files += once_selected(agent, [file])(wildcards)
            elif os.path.exists(file):
                files.append(file)
    return files


def all_runs(wildcards):
    """The logs of all stages; of an incomplete optimisation nothing, so that nothing is run for it."""
    if INCOMPLETE:
        return []
    stages = stages_of(wildcards.benchmark)
    return [file for agent in stages[0].agents for file in of_rungs(stages, agent)(wildcards)]


def tuning_options(wildcards):
    """What the selection compares, and how much there is of an optimisation that may be incomplete."""
    options = "--indicator {indicator} --reduce-seeds {reduce_seeds}".format(**STUDY.configuration["selection"])
    if INCOMPLETE:
        options += (
            f" --allow-incomplete # {sum(len(finished_logs(one)) for one in stages_of(wildcards.benchmark))} logs"
        )
    return options
